import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readIgnoreFile } from '../../../scripts/container/ignore-file.mjs';
import { temporaryFolder } from '../../support/temporary-folder.js';

async function ignoreFile(...lines: string[]) {
  const path = join(await temporaryFolder(), '.dockerignore');
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

describe('an ignore file', () => {
  it('lets the last line that matches decide, for all below a folder', async () => {
    const letsIn = readIgnoreFile(
      await ignoreFile('# all', '*', '!src', 'src/private', '!src/private/kept.ts'),
    );
    expect(['src', 'src/a.ts', 'src/private/kept.ts'].map(letsIn)).toEqual([true, true, true]);
    expect(['other', 'srcs', 'src/private', 'src/private/a.ts'].map(letsIn)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('lets in what no line names', async () => {
    const letsIn = readIgnoreFile(await ignoreFile('data'));
    expect([letsIn('src'), letsIn('data/x')]).toEqual([true, false]);
  });

  it.each(['**/*.map', '!src/*.ts', '/data', 'data/', '[a]'])('refuses the pattern %s', async (line) => {
    const path = await ignoreFile(line);
    expect(() => readIgnoreFile(path)).toThrow('is not understood');
  });
});
