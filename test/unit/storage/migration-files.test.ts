import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readMigrations } from '../../../src/storage/migration-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

async function folderWith(files: Record<string, string>): Promise<URL> {
  const folder = join(await temporaryFolder(), 'migrations');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return pathToFileURL(`${folder}/`);
}

describe('migration files', () => {
  it('come in order with version and name from the file name', async () => {
    const folder = await folderWith({ '0002_second.sql': 'select 2', '0001_first_step.sql': 'select 1' });
    expect(await readMigrations(folder)).toMatchObject([
      { version: 1, name: 'first_step', sql: 'select 1' },
      { version: 2, name: 'second', sql: 'select 2' },
    ]);
  });

  it('have a checksum that a change of text alters and a change of line ends does not', async () => {
    const checksumOf = async (text: string) =>
      (await readMigrations(await folderWith({ '0001_a.sql': text })))[0]?.checksum;
    const original = await checksumOf('select 1;\nselect 2;\n');
    expect(await checksumOf('select 1;\r\nselect 2;\r\n')).toBe(original);
    expect(await checksumOf('select 1;\nselect 3;\n')).not.toBe(original);
  });

  it.each([
    ['0001_a.sql', '0003_c.sql'],
    ['0002_b.sql'],
    ['0001_a.sql', '0001_b.sql'],
    ['0001_a.sql', 'notes.txt'],
  ])('are refused with a gap, a repetition or another name: %s %s', async (...names) => {
    const folder = await folderWith(Object.fromEntries(names.map((name) => [name, 'select 1'])));
    await expect(readMigrations(folder)).rejects.toThrow(/does not fit/);
  });

  it('of the release begin with the tenancy', async () => {
    expect((await readMigrations())[0]).toMatchObject({ version: 1, name: 'tenancy' });
  });
});
