import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../config.js';
import { assertRingsDiffer, parseKeyRing } from '../tenancy/rings/key-ring.js';
import type { AppConfig } from './foundation.js';

/** @throws ConfigError */
export const readConfig = (env: NodeJS.ProcessEnv): AppConfig =>
  loadConfig(env, {
    readFile: (path) => readFileSync(path, 'utf8'),
    parseRing: parseKeyRing,
    assertRingsDiffer,
  });

/** Where a server with an embedded database takes the commands of the command line. */
export const adminSocketPath = (config: AppConfig): string => join(config.dataDir, 'admin.sock');
