/** The sources as the house tests see them: text, and who imports what. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface SourceFile {
  /** From the scanned folder, with `/`: `tools/get-order.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  /** `orders/row.ts` for a file of ours, else the name of the package or `node:` module. */
  readonly target: string;
  readonly isOurs: boolean;
  readonly isTypeOnly: boolean;
}

/** The files below a folder of the repository whose names end in one of the endings; installed packages are not ours. */
export function filesBelow(folder: string, endings: readonly string[]): SourceFile[] {
  return pathsBelow(`${ROOT}${folder}`, '')
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${ROOT}${folder}/${path}`, 'utf8') }));
}

const pathsBelow = (root: string, below: string): string[] =>
  readdirSync(`${root}/${below}`, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return [`${below}${entry.name}`];
    return entry.isDirectory() && entry.name !== 'node_modules'
      ? pathsBelow(root, `${below}${entry.name}/`)
      : [];
  });

const STATIC = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[\w$*{][^'";]*?from\s*)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

export function importsOf({ path, text }: SourceFile): Import[] {
  const code = text.replace(COMMENT, '');
  const statics = [...code.matchAll(STATIC)].map(([, type, specifier = '']) => ({
    specifier,
    isTypeOnly: type !== undefined,
  }));
  const dynamics = [...code.matchAll(DYNAMIC)].map(([, specifier = '']) => ({
    specifier,
    isTypeOnly: false,
  }));
  return [...statics, ...dynamics].map(({ specifier, isTypeOnly }) => {
    const isOurs = specifier.startsWith('.');
    return { target: isOurs ? resolve(path, specifier) : packageOf(specifier), isOurs, isTypeOnly };
  });
}

const resolve = (from: string, specifier: string): string =>
  posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');

/** `@scope/name/part` is of the package `@scope/name`; `node:` modules stay whole. */
const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
