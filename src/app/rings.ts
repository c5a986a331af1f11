/** The key rings that the server works with: from the environment, else from the files that its first start made. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ringText, secretsFolder } from '../demo/secrets.js';
import { AppError } from '../errors.js';
import { assertRingsDiffer, type KeyRing, parseKeyRing } from '../tenancy/rings/key-ring.js';
import type { AppConfig } from './foundation.js';

export interface Rings {
  readonly kmsRing: KeyRing;
  readonly pepperRing: KeyRing;
}

/**
 * The lock on the data folder must be held.
 * @throws AppError when a file is missing beside a database that needs it, or holds no ring; an error of the file system
 */
export async function openRings({ keys, dataDir }: AppConfig): Promise<Rings> {
  const kmsRing = keys.kmsRing ?? (await keptRing(dataDir, 'kms-key', 'k1', 'MCP_KMS_KEY'));
  const pepperRing = keys.pepperRing ?? (await keptRing(dataDir, 'key-pepper', 'p1', 'MCP_KEY_PEPPER'));
  assertRingsDiffer(
    { variable: 'MCP_KMS_KEY', ring: kmsRing },
    { variable: 'MCP_KEY_PEPPER', ring: pepperRing },
  );
  return { kmsRing, pepperRing };
}

async function keptRing(dataDir: string, file: string, keyId: string, variable: string): Promise<KeyRing> {
  const path = join(secretsFolder(dataDir), file);
  const hint = `Restore it from a backup, or set ${variable} to the ring that was in it.`;
  // A new ring would open nothing of what is stored, and would hide that the old one is gone.
  if (existsSync(join(dataDir, 'database')) && !existsSync(path)) {
    throw new AppError('storage_unavailable', `${path} is missing: it belongs to the database beside it.`, {
      hint,
    });
  }
  try {
    return parseKeyRing(await ringText(dataDir, file, keyId), variable);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    throw new AppError('storage_unavailable', `${path} holds no key ring.`, { hint, cause: thrown });
  }
}
