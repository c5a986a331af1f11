import { readFileSync } from 'node:fs';

/** Of the package, as clients and Order Desk are told it. */
export const VERSION = textIn('../../package.json', 'version') ?? 'unknown';

/** Of the sources that this was built from; `unknown` where the build could not tell, or for sources that run unbuilt. */
export const COMMIT = textIn('../build.json', 'commit') ?? 'unknown';

function textIn(file: string, field: string): string | undefined {
  const content: unknown = JSON.parse(readIfThere(new URL(file, import.meta.url)) ?? '{}');
  const isObject = typeof content === 'object' && content !== null;
  const value: unknown = isObject ? Reflect.get(content, field) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function readIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}
