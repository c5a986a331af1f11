import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { untar } from '../../../src/storage/untar.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

function entry(name: string, type: '0' | '5', content = ''): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(Buffer.byteLength(content).toString(8).padStart(11, '0'), 124);
  header.write(type, 156);
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body]);
}
const END = Buffer.alloc(1024);

describe('unpacking a database image', () => {
  it('writes files and folders, empty ones too, for the owner only', async () => {
    const target = join(await temporaryFolder(), 'new');
    const long = 'x'.repeat(1500);
    await untar(
      Buffer.concat([
        entry('/VERSION', '0', '18\n'),
        entry('/empty', '5'),
        entry('/base/1/long', '0', long),
        entry('/base/1/zero', '0'),
        END,
      ]),
      target,
    );
    expect(await readFile(join(target, 'VERSION'), 'utf8')).toBe('18\n');
    expect(await readFile(join(target, 'base/1/long'), 'utf8')).toBe(long);
    expect(await readFile(join(target, 'base/1/zero'), 'utf8')).toBe('');
    expect((await stat(join(target, 'empty'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(target, 'VERSION'))).mode & 0o777).toBe(0o600);
  });

  it('refuses a name that leads out of the folder', async () => {
    const archive = Buffer.concat([entry('/base/../../outside', '0', 'x'), END]);
    await expect(untar(archive, await temporaryFolder())).rejects.toThrow(/outside/);
  });

  it('refuses an archive that was cut short anywhere', async () => {
    const archive = Buffer.concat([entry('/a', '0', 'x'.repeat(600)), entry('/b', '0', 'y'), END]);
    for (const length of [0, 100, 512, 700, 1024, 1536, 1600, 2048, archive.length - END.length]) {
      await expect(untar(archive.subarray(0, length), await temporaryFolder())).rejects.toThrow(/damaged/);
    }
  });
});
