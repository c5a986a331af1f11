/**
 * Finding inventory items by code, many in one request, or by id, each a request. Order Desk calls a code unique; where it
 * is not, none of the items is picked.
 */
import { AppError } from '../../errors.js';
import type { InventoryItem } from '../../orderdesk/port.js';
import { fingerprint } from '../../orders/canonical.js';
import type { Surroundings } from '../change-type.js';
import type { Target } from '../port.js';

/** One name for all items of a store: a code and an id may mean the same item, which only the read tells. */
export const INVENTORY_LOCK = 'inventory';

/** Items that are read by their ids at most. */
export const MOST_BY_ID = 20;
const CODES_PER_READ = 100;
/** They stand in the address of the request. */
const CODE_CHARACTERS_PER_READ = 6_000;
/** Characters of `%2C`, less the one that stands for it while lengths are taken. */
const COMMA = 2;

export const comparableCode = (code: string): string => code.trim().toLowerCase();

/** A list separates codes by commas. */
export const canBeAsked = (code: string): boolean => code.trim() !== '' && !code.includes(',');

/** Codes as they are asked for: each once, in lists that fit into an address. */
export function codeLists(codes: readonly string[]): readonly (readonly string[])[] {
  const once = new Map(codes.filter(canBeAsked).map((code) => [comparableCode(code), code.trim()]));
  const lists: string[][] = [];
  let room = 0;
  for (const code of once.values()) {
    const length = new URLSearchParams([[code, '']]).toString().length + COMMA;
    const last = lists.at(-1);
    if (last === undefined || last.length === CODES_PER_READ || length > room) {
      lists.push([code]);
      room = CODE_CHARACTERS_PER_READ - length;
    } else {
      last.push(code);
      room -= length;
    }
  }
  return lists;
}

export async function itemsByCodes(
  codes: readonly string[],
  { reads, store, ctx }: Surroundings,
): Promise<readonly InventoryItem[]> {
  const items: InventoryItem[] = [];
  for (const list of codeLists(codes)) items.push(...(await reads.inventoryByCodes(store, list, ctx)));
  return items;
}

/** Those that there are, by id. Callers see to it that there are not too many. */
export async function itemsByIds(
  ids: readonly string[],
  around: Surroundings,
): Promise<ReadonlyMap<string, InventoryItem>> {
  const read = async (id: string) => ({ id, item: await itemById(id, around) });
  const found = await Promise.all([...new Set(ids)].map(read));
  return new Map(found.flatMap(({ id, item }) => (item === undefined ? [] : [[id, item]])));
}

/** `undefined` where there is none. */
export async function itemById(
  id: string,
  { reads, store, ctx }: Surroundings,
): Promise<InventoryItem | undefined> {
  try {
    return await reads.inventoryItem(store, id, ctx);
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** Items with this code; the one that is written just so, where others differ in capitals. */
export function withCode(items: readonly InventoryItem[], code: string): readonly InventoryItem[] {
  const alike = items.filter(({ view }) => comparableCode(view.code ?? '') === comparableCode(code));
  const exact = alike.filter(({ view }) => view.code === code.trim());
  return exact.length === 1 ? exact : alike;
}

export const itemTarget = ({ view }: InventoryItem): Target => ({
  kind: 'inventory',
  id: view.id,
  ...(view.code === null ? {} : { name: view.code }),
});

/** What a confirmation is bound to: the item as it was seen, less the date at which Order Desk last touched it. */
export function seenItem({ view, raw }: InventoryItem): string {
  const { date_updated: _updated, ...content } = raw;
  return `inventory:${view.id}#${fingerprint(content)}`;
}
