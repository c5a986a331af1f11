import { readFileSync } from 'node:fs';

/** Of the package, as clients and Order Desk are told it. */
export const VERSION = packageVersion();

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (manifest === null || typeof manifest !== 'object' || !('version' in manifest)) return 'unknown';
  return String(manifest.version);
}
