/** Maps of a record merged key by key. */

import { sameValue } from '../same-value.js';
import { MARK } from './caps.js';
import type { Field } from './known.js';
import { asMap, asPhpMap, isMap, own, type Raw, without } from './raw.js';
import { below, type Refusals } from './refusal.js';

type MapField = Extract<Field, { kind: 'map' }>;

/** The merged map; the very value of before where nothing in it changes. */
export function mergeMap(
  before: unknown,
  patch: unknown,
  field: MapField,
  at: string,
  refusals: Refusals,
): unknown {
  const map = asMap(before);
  if (map === undefined) {
    refusals.add(at, 'is no map at Order Desk', 'It can be put right in Order Desk itself.');
    return before;
  }
  if (!isMap(patch)) {
    refusals.add(at, 'is not a map of the keys to be set', 'Name each key; null clears it.');
    return before;
  }
  let merged = map;
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || !isSettable(key, value, field, below(at, key), refusals)) continue;
    merged = set(merged, key, value, field);
  }
  return merged === map ? before : asPhpMap(merged);
}

function set(map: Raw, key: string, value: unknown, field: MapField): Raw {
  const now = own(map, key);
  if (field.parts !== undefined) {
    const text = value ?? '';
    return sameValue(now, text) ? map : { ...map, [key]: text };
  }
  if (value === null) return Object.hasOwn(map, key) ? without(map, key) : map;
  return Object.hasOwn(map, key) && sameValue(now, value) ? map : { ...map, [key]: value };
}

function isSettable(
  key: string,
  value: unknown,
  { parts, values }: MapField,
  at: string,
  refusals: Refusals,
): boolean {
  if (parts !== undefined && !parts.includes(key)) {
    refusals.add(at, 'is not a part of this address', `Parts: ${parts.join(', ')}.`);
  } else if (key === MARK) {
    refusals.add(at, 'is a mark of this server and cannot be set');
  } else if (key === '') {
    refusals.add(at, 'has a key without a name');
  } else if (value !== null && !isOf(value, values)) {
    refusals.add(at, values === 'text' ? 'is not text' : 'is neither text, a number, true nor false');
  } else {
    return true;
  }
  return false;
}

function isOf(value: unknown, values: MapField['values']): boolean {
  if (values === 'any' || typeof value === 'string') return true;
  const isPlain = typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
  return values === 'plain' && isPlain;
}
