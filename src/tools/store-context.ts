/** What a tool must know of a store before it can answer: its folders by name, and its clock. */
import { AppError, type Quotation } from '../errors.js';
import type { StoreView } from '../orderdesk/views.js';
import { findZone, UTC, type Zone } from '../orders/dates.js';
import { clip } from '../orders/text.js';

export interface StoreClock {
  readonly zone: Zone;
  /** Said in the answer when the zone is a stand-in. */
  readonly remark: string | undefined;
}

/** The store's zone; UTC, and a remark that says so, where its settings name none that is known. */
export function storeClock(store: StoreView): StoreClock {
  const zone = store.timeZone === null ? undefined : findZone(store.timeZone);
  return zone === undefined
    ? {
        zone: UTC,
        remark: 'The time zone of this store is unknown: dates without an offset were read as UTC.',
      }
    : { zone, remark: undefined };
}

/** From a folder's id to its name; `null` for a folder that the store no longer has. */
export function folderNames(store: StoreView): (id: string) => string | null {
  const names = new Map(store.folders.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? null;
}

/**
 * Ids of the folders a caller named, each by id or by name; the exact spelling wins over another case.
 * @throws AppError `unknown_folder` with the folders there are, `invalid_argument` for a name that several folders share
 */
export function findFolders(store: StoreView, wanted: string | readonly string[]): string[] {
  const names = typeof wanted === 'string' ? [wanted] : wanted;
  // Errors point to the entry by its place: what a caller sent may be a customer's name, and is not repeated.
  const fieldOf = (index: number) => (names.length === 1 ? 'folder' : `folder.${index}`);
  return [...new Set(names.map((name, index) => findFolder(store, name, fieldOf(index))))];
}

function findFolder(store: StoreView, wanted: string, field: string): string {
  const { folders } = store;
  const byId = folders.find((folder) => folder.id === wanted);
  if (byId !== undefined) return byId.id;
  const exact = folders.filter((folder) => folder.name === wanted);
  const lower = wanted.trim().toLowerCase();
  const found = exact.length > 0 ? exact : folders.filter((folder) => folder.name.toLowerCase() === lower);
  const [first, second] = found;
  if (first === undefined) {
    throw new AppError('unknown_folder', 'No such folder in this store.', {
      field,
      hint: 'Name one of the folders listed beside this error, or see get_store.',
      quotation: quoteFolders(folders),
    });
  }
  if (second !== undefined) {
    throw new AppError('invalid_argument', `${field}: several folders have this name.`, {
      field,
      hint: 'Name one by its id; they are listed beside this error.',
      quotation: quoteFolders(found),
    });
  }
  return first.id;
}

const FOLDERS_NAMED = 50;

/** Whoever may work in a store names its folders: names are data, and no part of our words. */
function quoteFolders(folders: StoreView['folders']): Quotation {
  const named = folders
    .slice(0, FOLDERS_NAMED)
    .map(({ id, name }) => ({ id: clip(id, 40), name: clip(name, 80) }));
  const omitted = folders.length - named.length;
  return { data: { folders: named, ...(omitted > 0 ? { omitted } : {}) }, mayNameCustomers: false };
}
