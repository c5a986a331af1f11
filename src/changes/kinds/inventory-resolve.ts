/** Which inventory item each line of an update means. */
import { AppError } from '../../errors.js';
import type { InventoryItem } from '../../orderdesk/port.js';
import type { Surroundings } from '../change-type.js';
import type { Intents } from '../intents.js';
import {
  canBeAsked,
  codeLists,
  comparableCode,
  itemsByCodes,
  itemsByIds,
  MOST_BY_ID,
  withCode,
} from './inventory-items.js';

export type UpdateLine = Intents['inventory_update']['lines'][number];

/** The item, or why there is none to be changed. */
export type Resolved = { readonly item: InventoryItem } | { readonly problem: string };

interface Indexed {
  readonly index: number;
  readonly line: UpdateLine;
}

const PROBLEMS = {
  unknown: 'Order Desk has no such inventory item in this store.',
  several: 'Several inventory items have this code: name the one that is meant by its id.',
  comma: 'A code with a comma in it cannot be asked for: name the item by its id.',
} as const;

/** Requests that finding the items takes. */
export function readsOf(lines: readonly UpdateLine[]): number {
  const singly = lines.filter(({ code }) => code === undefined).length;
  return codeLists(lines.flatMap(({ code }) => code ?? [])).length + singly;
}

/** @throws AppError `invalid_argument` for lines that do not say which item, or say one twice, and for too many ids */
export function refuseOddNames(lines: readonly UpdateLine[]): void {
  const names = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const isRestore = 'fields' in line;
    if (!isRestore && (line.code === undefined) === (line.id === undefined)) {
      throw refused(index, 'Name the item by its code or by its id, one of the two.');
    }
    const name = line.id === undefined ? `code ${comparableCode(line.code ?? '')}` : `id ${line.id}`;
    const first = names.get(name);
    if (first !== undefined) throw twice(first, index);
    names.set(name, index);
  }
  const singly = lines.filter(({ code }) => code === undefined).length;
  if (singly > MOST_BY_ID) {
    throw new AppError('invalid_argument', `At most ${MOST_BY_ID} items can be named by their ids.`, {
      field: 'updates',
      hint: 'Name the items by their codes: one request reads a hundred.',
    });
  }
}

/** @throws AppError `invalid_argument` where two lines mean one item, and as reads do */
export async function resolveLines(
  lines: readonly Indexed[],
  around: Surroundings,
): Promise<ReadonlyMap<number, Resolved>> {
  const items = await itemsByCodes(
    lines.flatMap(({ line }) => line.code ?? []),
    around,
  );
  const byCode = new Map(lines.map((entry) => [entry.index, resolveByCode(entry.line, items)]));
  const rest = lines.filter(({ index }) => byCode.get(index) === undefined);
  const ids = rest.flatMap(({ line }) => line.id ?? []).slice(0, MOST_BY_ID);
  const byId = await itemsByIds(ids, around);
  const resolved = lines.map(({ index, line }): [number, Resolved] => {
    const item = line.id === undefined ? undefined : byId.get(line.id);
    return [index, byCode.get(index) ?? (item === undefined ? { problem: PROBLEMS.unknown } : { item })];
  });
  refuseOneItemTwice(resolved);
  return new Map(resolved);
}

/** `undefined` where the id has to tell. */
function resolveByCode(line: UpdateLine, items: readonly InventoryItem[]): Resolved | undefined {
  const { id, code } = line;
  if (code === undefined) return undefined;
  const found = withCode(items, code);
  if (id !== undefined) {
    const item = found.find(({ view }) => view.id === id);
    return item === undefined ? undefined : { item };
  }
  if (!canBeAsked(code)) return { problem: code.includes(',') ? PROBLEMS.comma : PROBLEMS.unknown };
  const [item, another] = found;
  if (item === undefined) return { problem: PROBLEMS.unknown };
  return another === undefined ? { item } : { problem: PROBLEMS.several };
}

function refuseOneItemTwice(resolved: readonly (readonly [number, Resolved])[]): void {
  const lines = new Map<string, number>();
  for (const [index, found] of resolved) {
    if (!('item' in found)) continue;
    const first = lines.get(found.item.view.id);
    if (first !== undefined) throw twice(first, index);
    lines.set(found.item.view.id, index);
  }
}

const twice = (first: number, second: number): AppError =>
  refused(second, `This and updates.${first} mean the same item; put them into one.`);

const refused = (index: number, message: string): AppError =>
  new AppError('invalid_argument', `${message} Nothing was written.`, { field: `updates.${index}` });
