/** What tools for owners do to stores: the acts of the operator's commands, with the key as the actor of the trail. */
import { AppError } from '../../errors.js';
import { eventWriter } from '../audit/events.js';
import type { Clock, RandomBytes } from '../ids.js';
import { nameInput, UNPRINTABLE } from '../names.js';
import type { Principal } from '../principal.js';
import type { FolderChange, StoreAdmin, StoreEntry } from '../stores.js';
import type { FindStoreDeps } from './find-store.js';
import { removeStore, type StoreActDeps, updateStore, verifyStore } from './store-acts.js';
import { LONGEST_NOTE } from './store-folders.js';

export interface StoreAdminDeps extends FindStoreDeps {
  readonly now: Clock;
  readonly random: RandomBytes;
}

export function makeStoreAdmin(deps: StoreAdminDeps): StoreAdmin {
  /** The second wall behind the toolset for owners: what is not his own store is not there. */
  function actsOf(principal: Principal, store: StoreEntry): StoreActDeps {
    if (principal.role !== 'owner') throw new AppError('forbidden');
    if (store.tenantId !== principal.tenantId) throw new AppError('unknown_store');
    const record = eventWriter({ actor: `key:${principal.kid}`, now: deps.now, random: deps.random });
    return { ...deps, record };
  }
  return {
    update: async (principal, store, { name, isDefault, folders = [] }) =>
      updateStore(actsOf(principal, store), store, {
        name: name === undefined ? undefined : usable(name),
        isDefault,
        folders: folders.map(withUsableNote),
      }),
    remove: async (principal, store) => removeStore(actsOf(principal, store), store),
    verify: async (principal, store) => verifyStore(actsOf(principal, store), store),
  };
}

function usable(name: string): string {
  const parsed = nameInput.safeParse(name);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('invalid_argument', `name: ${issue?.message ?? 'is not usable'}.`, { field: 'name' });
}

/** A note is one line that a terminal and a model can be shown. */
function withUsableNote({ folderId, means, note }: FolderChange): FolderChange {
  const text = note?.trim().normalize('NFC');
  if (text !== undefined && (text === '' || text.length > LONGEST_NOTE || UNPRINTABLE.test(text))) {
    throw new AppError(
      'invalid_argument',
      `note: must be one line of 1 to ${LONGEST_NOTE} characters, without control or invisible characters.`,
      { field: 'note' },
    );
  }
  return { folderId, means, note: note === null ? null : text };
}
