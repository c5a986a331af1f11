/** Unpacks the tar files that a database image is: plain files and folders under short names, nothing else. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const BLOCK = 512;
const FILE = '0';
const FOLDER = '5';

/**
 * Writes the archive's files into `target`, readable by the owner only.
 * @throws Error for an archive cut short, or a name that leads out of `target`
 */
export async function untar(archive: Uint8Array, target: string): Promise<void> {
  const made = new Set<string>();
  const makeFolder = async (path: string) => {
    if (made.has(path)) return;
    await mkdir(path, { recursive: true, mode: 0o700 });
    made.add(path);
  };
  let at = 0;
  while (at + BLOCK <= archive.length && archive[at] !== 0) {
    const header = archive.subarray(at, at + BLOCK);
    const size = Number.parseInt(text(header, 124, 12), 8);
    const path = join(target, ...segments(text(header, 345, 155), text(header, 0, 100)));
    const start = at + BLOCK;
    if (!Number.isInteger(size) || start + size > archive.length)
      throw new Error('The database image is damaged.');
    const type = text(header, 156, 1);
    if (type === FOLDER) await makeFolder(path);
    if (type === FILE) {
      await makeFolder(dirname(path));
      await writeFile(path, archive.subarray(start, start + size), { mode: 0o600 });
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  if (at + BLOCK > archive.length) throw new Error('The database image is damaged.');
}

function text(header: Uint8Array, offset: number, length: number): string {
  const field = Buffer.from(header.buffer, header.byteOffset + offset, length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end).trim();
}

function segments(prefix: string, name: string): string[] {
  const parts = `${prefix}/${name}`.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new Error('The database image names a file outside its folder.');
  return parts;
}
