/**
 * What a store's folders say about the orders in them. Order Desk knows no order status: the owner may say which folders
 * are closed or canceled, and of the others only a name that says nothing else is taken at its word ("Shipped",
 * "Canceled orders", not "Sent to warehouse" or "Not canceled"). A wrong "open" shows orders that need nobody, a wrong
 * "closed" hides some that do.
 */
import type { FolderState } from '../tenancy/stores.js';
import { plain } from './plain.js';

export interface FolderReading {
  readonly id: string;
  readonly name: string;
  readonly state: FolderState;
  /** Who says so: the owner of the store, or its name. */
  readonly by: 'owner' | 'name';
}

export interface FolderStates {
  /** In the order of the store. */
  readonly all: readonly FolderReading[];
  /**
   * What the owner says of a folder holds also where the list lacks it: it may be older than the folder.
   * @param folderId `null` and a folder that nothing is known of count as open
   */
  of(folderId: string | null): FolderState;
}

const CANCELED = new Set(['canceled', 'cancelled', 'void', 'voided']);
const CLOSED = new Set([
  'closed',
  'shipped',
  'dispatched',
  'delivered',
  'fulfilled',
  'complete',
  'completed',
  'done',
  'finished',
  'archive',
  'archived',
]);
/** Words that take nothing away from those above. */
const BESIDE = new Set(['order', 'orders', 'all', 'and', 'or', 'refunded']);
const WORD = /[\p{L}]+/gu;

/** @param configured what the owner says, by folder id */
export function folderStates(
  folders: readonly { readonly id: string; readonly name: string }[],
  configured: Readonly<Record<string, FolderState>>,
): FolderStates {
  const saidOf = (id: string) => (Object.hasOwn(configured, id) ? configured[id] : undefined);
  const all = folders.map(({ id, name }): FolderReading => {
    const said = saidOf(id);
    return said === undefined
      ? { id, name, state: guessedState(name), by: 'name' }
      : { id, name, state: said, by: 'owner' };
  });
  const byId = new Map(all.map(({ id, state }) => [id, state]));
  return {
    all,
    of: (folderId) => (folderId === null ? 'open' : (saidOf(folderId) ?? byId.get(folderId) ?? 'open')),
  };
}

function guessedState(name: string): FolderState {
  const words = plain(name).match(WORD) ?? [];
  const decisive = words.filter((word) => !BESIDE.has(word));
  if (decisive.length === 0 || !decisive.every((word) => CANCELED.has(word) || CLOSED.has(word)))
    return 'open';
  return decisive.some((word) => CANCELED.has(word)) ? 'canceled' : 'closed';
}
