/**
 * Key material for a start without configuration: made once, kept in the data folder, readable by its owner only.
 * Whoever has the folder has the secrets in it, which is why production takes its rings from the environment.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const secretsFolder = (dataDir: string): string => join(dataDir, 'secrets');

/** The text of a ring in the secrets folder; made with one new 32-byte key when it is not there. */
export async function ringText(dataDir: string, name: string, keyId: string): Promise<string> {
  const path = join(secretsFolder(dataDir), name);
  const made = `${keyId}:${randomBytes(32).toString('base64')}\n`;
  if (await writeOnce(path, made)) return made.trim();
  return (await readFile(path, 'utf8')).trim();
}

/** Writes a file that only its owner can read; `false` when it is there already. */
async function writeOnce(path: string, text: string): Promise<boolean> {
  try {
    await writePrivate(path, text);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return false;
    throw thrown;
  }
}

/** Writes a file that only its owner can read, in place of one that may be there. */
export async function replacePrivate(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  await writePrivate(beside, text);
  await rename(beside, path);
}

async function writePrivate(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
