/** The variables that documents and deployment files name, held against the table. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isVariable, variableList } from '../../../src/config/variables.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Files below a folder, or in it alone, by their paths from the root. */
const filesIn = (folder: string, wanted: RegExp, recursive = true): string[] =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder), { recursive, withFileTypes: true })
        .filter((entry) => entry.isFile() && wanted.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    : [];

const COMPOSE_FILES = filesIn('.', /^docker-compose.*\.ya?ml$/, false);
const FILES = [
  'README.md',
  ...filesIn('.', /^(CONTRIBUTING|CHANGELOG)\.md$|^\.env\..*example$/, false),
  ...filesIn('docs', /\.md$/),
  ...filesIn('docker', /./),
  ...COMPOSE_FILES,
];

/** What begins with a prefix of ours is a variable of ours, or stops the start of whoever believes the document. */
const OURS =
  /(?<![A-Za-z0-9_$-])(?:MCP|ORDERDESK|CACHE_TTL|ALLOW|AUTH|UPSTREAM)_[A-Z0-9_]*[A-Z0-9](?![a-z*_])/g;

/** Named where it is said which names pass although they are none of ours. */
const LINKS = /^MCP_(SERVICE_HOST|SERVICE_PORT)$/;

function isKnown(name: string): boolean {
  if (isVariable(name) || LINKS.test(name)) return true;
  const held = name.replace(/_FILE$/, '');
  return held !== name && variableList.some(([known, { secret }]) => known === held && secret === true);
}

const unknownIn = (text: string): string[] =>
  [...new Set([...text.matchAll(OURS)].map(([name]) => name))].filter((name) => !isKnown(name));

interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly environment?: Readonly<Record<string, unknown>> | readonly string[];
}

/** Names set for containers of our own image: those that are built here, and those of the same image. */
function setForUs(composed: { readonly services?: Readonly<Record<string, Service>> }): string[] {
  const services = Object.values(composed.services ?? {});
  const images = new Set(services.filter(({ build }) => build !== undefined).map(({ image }) => image));
  return services
    .filter(({ build, image }) => build !== undefined || (image !== undefined && images.has(image)))
    .flatMap(({ environment = {} }) =>
      Array.isArray(environment)
        ? environment.map((line: string) => line.replace(/=.*$/s, ''))
        : Object.keys(environment),
    );
}

describe('the names of variables', () => {
  it.each(FILES)('in %s are in the table', (file) => {
    expect(unknownIn(read(file))).toEqual([]);
  });

  it.each(COMPOSE_FILES)('that %s sets for our containers are in the table', (file) => {
    const names = setForUs(parse(read(file), { merge: true }));
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !isKnown(name))).toEqual([]);
  });

  it('that are not in the table are found', () => {
    expect(unknownIn('Set `MCP_KMS_KEYS`, MCP_KMS_KEY and MCP_KMS_KEY_FILE, all of MCP_*.')).toEqual([
      'MCP_KMS_KEYS',
    ]);
    expect(unknownIn('- CACHE_TTL_ORDERS_FILE=1')).toEqual(['CACHE_TTL_ORDERS_FILE']);
    const services = {
      mcp: { build: '.', image: 'ours', environment: { PROT: 1, PORT: 1 } },
      migrate: { image: 'ours', environment: ['NODE_ENV=production', 'LOG'] },
      postgres: { image: 'postgres', environment: { POSTGRES_DB: 'x' } },
    };
    expect(setForUs({ services }).filter((name) => !isKnown(name))).toEqual(['PROT', 'LOG']);
  });
});

describe('docs/CONFIGURATION.md', () => {
  it('has one entry for each variable of the table, and none besides', () => {
    const entries = [...read('docs/CONFIGURATION.md').matchAll(/^#### (\S+)$/gm)].map(([, name]) => name);
    expect(entries.sort()).toEqual(variableList.map(([name]) => name).sort());
  });
});
