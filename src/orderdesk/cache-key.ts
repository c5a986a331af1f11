/**
 * Keys of cached records, and the scopes they belong to. A key shows whose and what kind, and hides what was asked
 * for: a filter may be an e-mail. The hash does that within the process only; who sees it elsewhere could try e-mails
 * out against it, so there a name under a key of the tenant stands in its place. A scope names what a write may touch.
 */
import { createHash } from 'node:crypto';
import type { StoreEntry } from '../tenancy/stores.js';
import { isProven } from './shared-name.js';
import type { Touched } from './touched.js';

export type Resource = 'store' | 'order' | 'orders' | 'inventory';

export interface CacheKey {
  /** Whose and what kind; may be seen. */
  readonly kind: string;
  /** Hash of all that the answer depends on; must not leave the process. */
  readonly asked: string;
}

/**
 * Tenant and row are part of the key, so two tenants never share an entry, not even for the same Order Desk store.
 * @param args everything that the answer depends on; each part and the order of parts count
 */
export function cacheKey(store: StoreEntry, resource: Resource, args: readonly string[]): CacheKey {
  const asked = createHash('sha256')
    .update(JSON.stringify([store.orderDeskId, ...args]))
    .digest('base64url');
  return { kind: `od:${store.tenantId}:${store.rowId}:${resource}`, asked };
}

/** The scopes of a read that would show a change of what is named. */
export const readScopes = (store: StoreEntry, shown: Touched): string[] => scopesOf(store, scopeName(shown));

/** The scopes that a write raises. */
export const writeScopes = (store: StoreEntry, touched: readonly Touched[]): string[] => [
  ...new Set(touched.flatMap(namesOf).flatMap((name) => scopesOf(store, name))),
];

/**
 * The row, and the Order Desk store where its credential is known to work: so two tenants who share a store see each
 * other's writes, and nobody can touch what is cached of a store by naming its id. The row is always among them,
 * because replicas may differ for a while on whether it is verified.
 */
function scopesOf(store: StoreEntry, name: string): string[] {
  const row = `row:${store.rowId}:${name}`;
  return isProven(store) ? [row, `od:${encodeURIComponent(store.orderDeskId)}:${name}`] : [row];
}

const namesOf = (touched: Touched): string[] =>
  touched.kind === 'order' ? [scopeName(touched), 'orders'] : [scopeName(touched)];

const scopeName = (touched: Touched): string =>
  touched.kind === 'order' ? `order:${touched.id}` : touched.kind;
