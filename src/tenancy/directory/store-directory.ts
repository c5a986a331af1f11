/**
 * Which stores a principal may use. Only the tenant's own rows are ever read, and a store outside the scope takes the
 * same path to the same words as one that does not exist.
 */
import { AppError } from '../../errors.js';
import { nameKey } from '../names.js';
import type { Principal } from '../principal.js';
import type { StoreDirectory, StoreEntry } from '../stores.js';
import type { StoreRows } from './store-rows.js';

export function makeStoreDirectory(rows: StoreRows): StoreDirectory {
  return {
    async list(principal) {
      const { entries } = await rows.of(principal.tenantId);
      return inScope(principal, entries);
    },
    async resolve(principal, requested) {
      const stores = await rows.of(principal.tenantId);
      const allowed = inScope(principal, stores.entries);
      // A name goes before an id: the tenant chose it, and may have chosen digits.
      const found =
        requested === undefined
          ? theObviousOne(allowed)
          : (stores.byNameKey.get(nameKey(requested)) ?? stores.byOrderDeskId.get(requested.trim()));
      if (found !== undefined && allowed.includes(found)) return found;
      throw unknownStore(allowed, requested === undefined);
    },
  };
}

function inScope(principal: Principal, entries: readonly StoreEntry[]): readonly StoreEntry[] {
  const { stores } = principal.scope;
  return stores === 'all' ? entries : entries.filter((entry) => stores.includes(entry.rowId));
}

const theObviousOne = (allowed: readonly StoreEntry[]): StoreEntry | undefined =>
  allowed.length === 1 ? allowed[0] : allowed.find((entry) => entry.isDefault);

const NAMES_SHOWN = 20;

function unknownStore(allowed: readonly StoreEntry[], unnamed: boolean): AppError {
  if (allowed.length === 0) {
    return new AppError('unknown_store', 'This key has no store.', {
      field: 'store',
      hint: 'The operator adds stores with "orderdesk-mcp store add".',
    });
  }
  const names = allowed.slice(0, NAMES_SHOWN).map((entry) => JSON.stringify(entry.name));
  const more = allowed.length > NAMES_SHOWN ? ` and ${allowed.length - NAMES_SHOWN} more (list_stores)` : '';
  return new AppError(
    'unknown_store',
    unnamed ? 'This key has several stores and no default: name one.' : 'No such store for this key.',
    { field: 'store', hint: `Stores of this key: ${names.join(', ')}${more}.` },
  );
}
