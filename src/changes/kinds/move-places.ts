/** Which folder orders are in before they are moved: read one by one for a few, from lists of the folder for many. */
import { AppError } from '../../errors.js';
import { orderVersion } from '../../orders/version.js';
import type { Surroundings } from '../change-type.js';

/** Orders that are read one by one at most. */
export const READ_SINGLY = 10;
const PAGE = 500;
/** Lists of the folder that are read before the rest is given up. */
const MOST_PAGES = 6;

/** Requests that `placesInFolders` makes at most. */
export const mostReads = (orders: number): number =>
  orders <= READ_SINGLY ? orders : MOST_PAGES + READ_SINGLY;

/**
 * `elsewhere`: in none of the folders that were listed. `unread`: too many orders to tell. `seen` is what a confirmation
 * is bound to.
 */
export type Place =
  | { readonly at: 'folder'; readonly folderId: string | null; readonly seen: string }
  | { readonly at: 'nowhere' }
  | { readonly at: 'elsewhere' }
  | { readonly at: 'unread' };

export type Places = ReadonlyMap<string, Place>;

/** One request an order. */
export async function placesSingly(ids: readonly string[], around: Surroundings): Promise<Places> {
  const places = ids.map(async (id): Promise<[string, Place]> => [id, await placeOf(id, around)]);
  return new Map(await Promise.all(places));
}

/**
 * Where orders are that should be in these folders. An order that the lists do not name is read by itself where few are
 * left: lists that change meanwhile may pass one over.
 */
export async function placesInFolders(
  ids: readonly string[],
  folderIds: readonly string[],
  around: Surroundings,
): Promise<Places> {
  if (ids.length <= READ_SINGLY) return placesSingly(ids, around);
  const { found, complete } = await listed(new Set(ids), folderIds, around);
  const rest = ids.filter((id) => !found.has(id));
  if (rest.length <= READ_SINGLY) return new Map([...found, ...(await placesSingly(rest, around))]);
  const place: Place = complete ? { at: 'elsewhere' } : { at: 'unread' };
  return new Map([...found, ...rest.map((id) => [id, place] as const)]);
}

async function listed(wanted: ReadonlySet<string>, folderIds: readonly string[], around: Surroundings) {
  const found = new Map<string, Place>();
  let offset = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { folderIds, limit: PAGE, offset };
    const { orders, unreadable, total } = await around.reads.orders(around.store, query, around.ctx);
    for (const { view } of orders) {
      const { id, folderId } = view;
      if (wanted.has(id)) found.set(id, { at: 'folder', folderId, seen: `${id}@${folderId}` });
    }
    offset += orders.length + unreadable.length;
    const isLast = offset >= total || orders.length + unreadable.length === 0;
    if (isLast || found.size === wanted.size) return { found, complete: true };
  }
  return { found, complete: false };
}

async function placeOf(id: string, { reads, store, ctx }: Surroundings): Promise<Place> {
  try {
    const { view, raw } = await reads.order(store, id, ctx, { lenient: true });
    return { at: 'folder', folderId: view.folderId, seen: `${id}#${orderVersion(raw)}` };
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return { at: 'nowhere' };
    throw error;
  }
}
