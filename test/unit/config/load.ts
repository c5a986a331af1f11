/** Loads a configuration the way the process does, with made-up rings and files. */
import { ConfigError, loadConfig } from '../../../src/config.js';
import { assertRingsDiffer, parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';

/** Not a secret: bytes that look random, made from a counter. */
export const ring = (name: string, seed: number): string => {
  const bytes = Uint8Array.from(
    { length: 32 },
    (_, index) => (Math.imul(index + 1, 2654435761 + seed * 7919) >>> 13) & 0xff,
  );
  return `${name}:${Buffer.from(bytes).toString('base64')}`;
};

export const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://mcp.example.com',
  MCP_KMS_KEY: ring('k1', 1),
  MCP_KEY_PEPPER: ring('p1', 2),
  DATABASE_URL: 'postgres://service:made-up@db.example.com:5432/orderdesk?sslmode=verify-full',
  REDIS_URL: 'redis://redis.example.com:6379',
};

export function load(env: Record<string, string | undefined>, files: Record<string, string> = {}) {
  return loadConfig(env, {
    parseRing: parseKeyRing,
    assertRingsDiffer,
    readFile(path) {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
      return text;
    },
  });
}

/** The error that loading ends with. */
export function failure(
  env: Record<string, string | undefined>,
  files: Record<string, string> = {},
): ConfigError {
  try {
    load(env, files);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown;
    throw thrown;
  }
  throw new Error('expected the configuration to be refused');
}

export const variablesIn = (error: ConfigError): string[] => error.problems.map(({ variable }) => variable);
