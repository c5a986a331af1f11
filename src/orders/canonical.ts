/** One text for every JSON value that means the same, for hashing and comparing. */
import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys. An empty map and an empty list are equal, because Order Desk sends the one for the other
 * (Order Desk API, empty maps); `undefined` members do not exist.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return members.length === 0 ? '[]' : `{${members.join(',')}}`;
}

/** The first 128 bits of the SHA-256 of the canonical JSON, as 32 hexadecimal digits. */
export const fingerprint = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);
