import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Room for a socket's path in bytes, the closing zero left out: 108 on Linux, 104 elsewhere. */
const SOCKET_PATH_LIMIT = 103;

/**
 * Runs `use` with a path short enough for a Unix socket that leads to the same place: the path itself, or one through
 * a link to its folder that lives in a private temporary folder for the duration of `use`.
 */
export async function withSocketPath<T>(path: string, use: (short: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= SOCKET_PATH_LIMIT) return use(path);
  const alias = await mkdtemp(join(tmpdir(), 'odm-'));
  try {
    const link = join(alias, 'd');
    await symlink(dirname(path), link);
    return await use(join(link, basename(path)));
  } finally {
    await rm(alias, { recursive: true });
  }
}
