/** What the owner says of the folders of a store: what they mean, and a note on what moving an order there does. */
import { z } from 'zod';
import { AppError, ERROR_TABLE } from '../../errors.js';
import type { Tx } from '../../storage/port.js';
import type { EventWriter } from '../audit/events.js';
import { nameKey, UNPRINTABLE } from '../names.js';
import type { FolderChange, FolderState, StoreEntry } from '../stores.js';
import { askStore, type FindStoreDeps, type Folder, findStore, oneStoreInput } from './find-store.js';
import { operation } from './operation.js';

export interface StoreFolderDeps extends FindStoreDeps {
  readonly record: EventWriter;
  /** What folders mean, with what the owner says of them by folder id. */
  readonly readFolders: (
    folders: readonly Folder[],
    states: Readonly<Record<string, FolderState>>,
  ) => readonly { readonly id: string; readonly state: FolderState; readonly by: 'owner' | 'name' }[];
}

export interface FolderInfo {
  readonly folderId: string;
  /** `null` for a folder that the store no longer has, or while Order Desk cannot be asked. */
  readonly name: string | null;
  /** `null` where neither the owner nor a name says it. */
  readonly means: FolderState | null;
  /** `name`: guessed from it. */
  readonly saidBy: 'owner' | 'name' | null;
  readonly note: string | null;
}

export const LONGEST_NOTE = 500;
/** Of one store: its notes and states are read with each call. */
export const MOST_FOLDERS = 500;

const LONGEST_FOLDER_NAME = 200;
const FOLDER_ID = /^[1-9][0-9]{0,18}$/;

export const configureFolderInput = oneStoreInput
  .extend({
    folder: z
      .string('must be the name or id of a folder')
      .trim()
      .min(1, 'must not be empty')
      .max(LONGEST_FOLDER_NAME, `must have at most ${LONGEST_FOLDER_NAME} characters; give its id`),
    /** `guess` forgets what was said before. */
    means: z
      .enum(['open', 'closed', 'canceled', 'guess'], 'must be open, closed, canceled or guess')
      .optional(),
    /** `null` takes the note away. */
    note: z
      .string('must be text')
      .trim()
      .normalize('NFC')
      .min(1, 'must not be empty; to take the note away give --no-note')
      .max(LONGEST_NOTE, `must have at most ${LONGEST_NOTE} characters; shorten it`)
      .refine((text) => !UNPRINTABLE.test(text), 'must be one line without control or invisible characters')
      .nullable()
      .optional(),
  })
  .refine(({ means, note }) => means !== undefined || note !== undefined, {
    path: ['means'],
    error: 'must be given, or a note: give --means, --note or --no-note',
  });

type Change = Pick<z.output<typeof configureFolderInput>, 'means' | 'note'>;

export const storeFolderOperations = (deps: StoreFolderDeps) => {
  const { database, record, storeRows } = deps;

  return {
    /**
     * The folders of the store by id, then those that the owner spoke of and the store no longer has.
     * @throws AppError `not_found` for the tenant, `unknown_store`, `upstream_*`
     */
    listFolders: operation(oneStoreInput, async (input): Promise<readonly FolderInfo[]> => {
      const store = await findStore(deps, input);
      const { folders } = await askStore(deps, store);
      return folderInfos(deps, store, folders);
    }),

    /**
     * Other replicas follow when they next read the stores, which is within a second; for a folder that nothing was
     * said of before they then read the settings of the store anew.
     * @throws AppError `unknown_folder` naming the folders there are; `invalid_argument` for a name that several have;
     *   `upstream_*` while Order Desk cannot be asked, unless the folder is given by its id, which is then believed
     */
    configureFolder: operation(configureFolderInput, async (input): Promise<FolderInfo> => {
      const store = await findStore(deps, input);
      const folders = await foldersFor(deps, store, input.folder);
      const folderId = chooseFolder(store, folders, input.folder);
      if (isChange(store, folderId, input)) {
        refuseFullStore(store, [folderId]);
        const change = { folderId, means: input.means, note: input.note };
        await database.asTenant(store.tenantId, (tx) => writeFolder(tx, record, store, change));
      }
      const { entries } = await storeRows.current(store.tenantId);
      const now = entries.find(({ rowId }) => rowId === store.rowId);
      if (now === undefined) throw new AppError('unknown_store');
      const infos = folderInfos(deps, now, folders ?? []);
      return infos.find((info) => info.folderId === folderId) ?? unnamed(now, folderId);
    }),
  };
};

/** One change and its event, in the caller's transaction. @throws AppError `unknown_store` */
export async function writeFolder(
  tx: Tx,
  record: EventWriter,
  store: StoreEntry,
  change: FolderChange,
): Promise<void> {
  const { folderId, means, note } = change;
  const states = means === undefined || means === 'guess' ? {} : { [folderId]: means };
  const notes = note === undefined || note === null ? {} : { [folderId]: note };
  const rows = await tx.run(CONFIGURE, [
    store.tenantId,
    store.rowId,
    folderId,
    means !== undefined,
    JSON.stringify(states),
    note !== undefined,
    JSON.stringify(notes),
  ]);
  if (rows === 0) throw new AppError('unknown_store');
  await record.ofTenant(tx, store.tenantId, {
    action: 'store.folder_configured',
    subject: `store:${store.rowId}`,
    detail: { orderdesk_store_id: store.orderDeskId, folder_id: folderId, ...told(change) },
  });
}

/** Key by key, so that two commands at the same time both hold. */
const CONFIGURE = `update stores set
    folder_states = case when $4 then (folder_states - $3::text) || $5::jsonb else folder_states end,
    folder_notes = case when $6 then (folder_notes - $3::text) || $7::jsonb else folder_notes end
  where tenant_id = $1 and store_row_id = $2`;

/** For the trail, which holds no text of the owner. */
const told = ({ means, note }: FolderChange): Record<string, string | number> => ({
  ...(means === undefined ? {} : { means }),
  ...(note === undefined ? {} : { note_characters: note?.length ?? 0 }),
});

/** The folders of the store; `undefined` where Order Desk cannot be asked and an id makes that unnecessary. */
async function foldersFor(
  deps: StoreFolderDeps,
  store: StoreEntry,
  wanted: string,
): Promise<readonly Folder[] | undefined> {
  try {
    return (await askStore(deps, store)).folders;
  } catch (error) {
    if (!(error instanceof AppError && ERROR_TABLE[error.code].source === 'upstream')) throw error;
    if (FOLDER_ID.test(wanted)) return undefined;
    throw new AppError(error.code, `folder: the folders of this store are not known. ${error.message}`, {
      field: 'folder',
      hint: 'Try again later, or give the id of the folder.',
      cause: error,
    });
  }
}

/** By id before name, and by the exact name before the name in another case. */
function chooseFolder(store: StoreEntry, folders: readonly Folder[] | undefined, wanted: string): string {
  if (folders === undefined || folders.some(({ id }) => id === wanted)) return wanted;
  const exact = folders.filter(({ name }) => name === wanted);
  const key = nameKey(wanted);
  const found = exact.length > 0 ? exact : folders.filter(({ name }) => nameKey(name) === key);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only.id;
  // What was said of a folder that is gone can be taken back.
  if (only === undefined && spokenOf(store).has(wanted)) return wanted;
  throw only === undefined
    ? new AppError('unknown_folder', `folder: no such folder. The store has ${listed(folders)}.`, {
        field: 'folder',
      })
    : new AppError('invalid_argument', `folder: several are called so: ${listed(found)}. Give the id.`, {
        field: 'folder',
      });
}

/** Tenants name folders in Order Desk as they like; the terminal of the operator must not obey them. */
const legible = (name: string): string =>
  [...name]
    .slice(0, LONGEST_FOLDER_NAME)
    .map((character) => (UNPRINTABLE.test(character) ? '\ufffd' : character))
    .join('');

const NAMED_AT_MOST = 50;

function listed(folders: readonly Folder[]): string {
  if (folders.length === 0) return 'none';
  const named = folders.slice(0, NAMED_AT_MOST).map(({ id, name }) => `"${legible(name)}" (${id})`);
  const more = folders.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const said = <T>(map: Readonly<Record<string, T>>, id: string): T | undefined =>
  Object.hasOwn(map, id) ? map[id] : undefined;

const spokenOf = ({ folderStates, folderNotes }: StoreEntry): Set<string> =>
  new Set([...Object.keys(folderStates), ...Object.keys(folderNotes)]);

function isChange({ folderStates, folderNotes }: StoreEntry, id: string, { means, note }: Change): boolean {
  const isOtherState = means !== undefined && means !== (said(folderStates, id) ?? 'guess');
  const isOtherNote = note !== undefined && note !== (said(folderNotes, id) ?? null);
  return isOtherState || isOtherNote;
}

/** @throws AppError `invalid_argument` where the folders would be more than a store may have */
export function refuseFullStore(store: StoreEntry, folderIds: readonly string[]): void {
  const spoken = spokenOf(store);
  const added = new Set(folderIds.filter((id) => !spoken.has(id)));
  if (added.size === 0 || spoken.size + added.size <= MOST_FOLDERS) return;
  throw new AppError(
    'invalid_argument',
    `folder: ${MOST_FOLDERS} folders of this store have a meaning or a note.`,
    {
      field: 'folder',
      hint: 'Take those of another folder away first: --means guess --no-note.',
    },
  );
}

function folderInfos(deps: StoreFolderDeps, store: StoreEntry, folders: readonly Folder[]): FolderInfo[] {
  const names = new Map(folders.map(({ id, name }) => [id, legible(name)]));
  const present = deps.readFolders(folders, store.folderStates).map(
    ({ id, state, by }): FolderInfo => ({
      folderId: id,
      name: names.get(id) ?? null,
      means: state,
      saidBy: by,
      note: said(store.folderNotes, id) ?? null,
    }),
  );
  const gone = [...spokenOf(store)].filter((id) => !names.has(id));
  return [...present, ...gone.map((id) => unnamed(store, id))];
}

function unnamed(store: StoreEntry, folderId: string): FolderInfo {
  const means = said(store.folderStates, folderId) ?? null;
  return {
    folderId,
    name: null,
    means,
    saidBy: means === null ? null : 'owner',
    note: said(store.folderNotes, folderId) ?? null,
  };
}
