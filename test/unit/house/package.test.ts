import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { filesBelow, importsOf, ROOT } from './source-tree.js';

const versions = z.record(z.string(), z.string());
const manifest = z
  .object({
    scripts: versions,
    dependencies: versions,
    optionalDependencies: versions,
    devDependencies: versions,
  })
  .parse(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')));

const runtime = { ...manifest.dependencies, ...manifest.optionalDependencies };
const all = { ...runtime, ...manifest.devDependencies };

const imported = (folder: string): Set<string> =>
  new Set(
    filesBelow(folder, ['.ts', '.mjs'])
      .flatMap(importsOf)
      .filter(({ isOurs }) => !isOurs)
      .map(({ target }) => target),
  );

describe('package.json', () => {
  it('pins every version exactly', () => {
    const peers = z
      .object({ dependencies: versions })
      .parse(JSON.parse(readFileSync(`${ROOT}test/peers/package.json`, 'utf8')));
    const loose = [...Object.entries(all), ...Object.entries(peers.dependencies)].filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('lists every package that the sources import, where an installation has it', () => {
    const missing = [...imported('src')].filter((name) => !name.startsWith('node:') && !(name in runtime));
    expect(missing).toEqual([]);
  });

  it('lists nothing that nobody uses', () => {
    const used = new Set([...imported('src'), ...imported('test'), ...imported('scripts'), 'vitest']);
    const text = [...filesBelow('test', ['.ts', '.mjs']), ...filesBelow('scripts', ['.mjs'])]
      .map((file) => file.text)
      .join('\n');
    const commands = Object.values(manifest.scripts).join('\n');
    const isUsed = (name: string): boolean =>
      used.has(name) ||
      // Types of a package or of Node, and tools that are run instead of imported.
      name.startsWith('@types/') ||
      text.includes(`'${name}'`) ||
      text.includes(`${name}/`) ||
      new RegExp(`\\b(${binaryOf(name)})\\b`).test(commands);
    expect(Object.keys(all).filter((name) => !isUsed(name))).toEqual([]);
  });

  it('lists as a runtime dependency only what the sources import', () => {
    const used = imported('src');
    expect(Object.keys(runtime).filter((name) => !used.has(name))).toEqual([]);
  });
});

const binaryOf = (name: string): string =>
  name === 'typescript' ? 'tsc' : name.replace(/^@[^/]+\/(biome)$/, '$1');
