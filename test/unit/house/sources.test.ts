import { dirname } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { filesBelow, type SourceFile } from './source-tree.js';

const sources = filesBelow('src', ['.ts']);
const everything = ['src', 'test', 'scripts']
  .flatMap((folder) =>
    filesBelow(folder, ['.ts', '.mjs', '.sql']).map((file) => ({ ...file, path: `${folder}/${file.path}` })),
  )
  .filter(({ path }) => !path.startsWith('test/unit/house/'));

const MOST_LINES = 300;
/** The start of the process is where the environment is read. */
const ENVIRONMENT_READERS = ['main.ts', 'cli.ts', 'config.ts'];

const pathsWith = (files: readonly SourceFile[], pattern: RegExp): string[] =>
  files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

describe('the sources', () => {
  it('hold no unfinished work', () => {
    expect(pathsWith(everything, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  it('write to no console: there is a log', () => {
    expect(pathsWith(sources, /\bconsole\.(log|info|warn|error|debug|trace)\b/)).toEqual([]);
  });

  it('read the environment at the start of the process only', () => {
    const others = sources.filter(
      ({ path }) => !ENVIRONMENT_READERS.includes(path) && !path.startsWith('cli/'),
    );
    expect(pathsWith(others, /\bprocess\.env\b/)).toEqual([]);
  });

  it('keep a file to one idea', () => {
    const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > MOST_LINES);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('switch no check off', () => {
    expect(pathsWith(sources, /@ts-(ignore|nocheck|expect-error)|biome-ignore/)).toEqual([]);
  });

  it('open each folder with what it is for, in a README or at the head of a file', () => {
    const readmes = new Set(filesBelow('src', ['README.md']).map(({ path }) => dirname(path)));
    const headed = new Set(
      sources.filter(({ text }) => text.startsWith('/**')).map(({ path }) => dirname(path)),
    );
    const folders = [...new Set(sources.map(({ path }) => dirname(path)))];
    expect(folders.filter((folder) => folder !== '.' && !readmes.has(folder) && !headed.has(folder))).toEqual(
      [],
    );
  });
});
