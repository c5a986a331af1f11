import type { AppError } from '../errors.js';
import { type JsonRecord, malformed, record } from './parse/json.js';

/**
 * The one record of a reply that was asked for by its id. Order Desk's PHP may write "none" as null, false or an empty list.
 * @throws AppError what `missing` makes, where there is none; `upstream_malformed` where it is another, or no record
 */
export function askedRecord(reply: JsonRecord, key: string, id: string, missing: () => AppError): JsonRecord {
  const value = reply[key];
  if (value === null || value === false || (Array.isArray(value) && value.length === 0)) throw missing();
  const raw = record(reply, key, '');
  if (String(raw.id) !== id) throw malformed(key, 'id', 'the id that was asked for');
  return raw;
}
