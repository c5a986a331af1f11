/**
 * What became of items that were written: Order Desk answers a batch without a word on its lines, so they are read again.
 * Each is written with the id of its change as its writer, which alone proves that a lost request has arrived: values may
 * be the same by a sale or by another's hand. That it has not is proven by an item that nobody has written since.
 */
import { AppError } from '../../errors.js';
import { isRecord } from '../../orderdesk/parse/json.js';
import { markedWriter } from '../../orderdesk/parse/marks.js';
import type { InventoryItem } from '../../orderdesk/port.js';
import { fingerprint } from '../../orders/canonical.js';
import { restoreFields } from '../../orders/field-changes.js';
import type { LookedUp, OpenStep, Step, Surroundings, Verdict } from '../change-type.js';
import type { ChangeLine, LineOutcome } from '../port.js';
import { itemsByCodes, itemsByIds, MOST_BY_ID } from './inventory-items.js';

export interface InventoryProbe {
  /** `lastWriting` of each item as it was read, by the index of its line. */
  readonly written: Readonly<Record<string, string>>;
  /** When the items were read, in milliseconds since 1970. */
  readonly readAt: number;
}

type OpenLine = OpenStep['lines'][number];

const SAID = {
  changedSince: 'The item was written, and some of it is different by now: it was sold, or changed, since.',
  notDone: 'Order Desk took the request, but the item is as it was before.',
  gone: 'The item is not there any more, or under another code.',
  sold: 'The stock is neither what it was nor what it should be: items were sold meanwhile. Compare it with what is there.',
  different: 'The item is neither as it was nor as it should be: somebody else changed it meanwhile.',
  unsigned:
    'The item is as it should be, but it does not say that this change made it so: somebody else may have done the same.',
  writtenSince:
    'The item is as it was before, but was written since: it may have been changed by this, and changed back.',
  unread:
    'Order Desk took the request, but the item could not be read afterwards, which alone tells whether it was written.',
} as const;

export function probeOf(step: { readonly probe: unknown }): InventoryProbe {
  const { probe } = step;
  const { written, readAt } = isRecord(probe) ? probe : {};
  const writings = isRecord(written) ? Object.entries(written) : [];
  return {
    written: Object.fromEntries(
      writings.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    readAt: typeof readAt === 'number' ? readAt : 0,
  };
}

/** Who wrote an item last, and when. It may hold others' words: to be compared only. */
export const lastWriting = ({ raw: { update_source, date_updated } }: InventoryItem): string =>
  fingerprint([update_source ?? null, date_updated ?? null]);

/** After an answer that took the batch. */
export async function linesNow(step: Step, around: Surroundings): Promise<readonly ChangeLine[]> {
  const items = await itemsOf(step.lines, around).catch(unlessOurs);
  if (items === undefined) {
    return step.lines.map(({ line }) => ({ ...line, outcome: 'unknown', message: SAID.unread }));
  }
  const sight = sightOf(step, around);
  return step.lines.map((open) => {
    const item = items.get(open.index);
    const { found, line } = verdictOn(open, item, sight);
    if (found === 'not_applied') return { ...open.line, outcome: 'failed', message: SAID.notDone };
    // Order Desk says that it wrote what is there now: who is put down for it does not matter.
    return found === 'unclear' && isAsMeant(open, item) ? open.line : (line ?? open.line);
  });
}

/** After an answer that was lost. @throws AppError as reads do */
export async function lookAtItems(step: OpenStep, around: Surroundings): Promise<readonly Verdict[]> {
  const items = await itemsOf(step.lines, around);
  const sight = sightOf(step, around);
  return step.lines.map((open) => verdictOn(open, items.get(open.index), sight));
}

/** What the items are held against. */
interface Sight {
  readonly written: InventoryProbe['written'];
  readonly writer: string;
}

const sightOf = (step: { readonly probe: unknown }, { changeId }: Surroundings): Sight => ({
  written: probeOf(step).written,
  writer: markedWriter(changeId),
});

function verdictOn(open: OpenLine, item: InventoryItem | undefined, { written, writer }: Sight): Verdict {
  const { index, line } = open;
  const verdict = (found: LookedUp, outcome?: LineOutcome, message?: string): Verdict =>
    outcome === undefined ? { index, found } : { index, found, line: { ...line, outcome, message } };
  if (item === undefined) return verdict('unclear', 'unknown', SAID.gone);
  const isMeant = isAsMeant(open, item);
  if (item.raw.update_source === writer) {
    return isMeant ? verdict('applied') : verdict('applied', 'applied', SAID.changedSince);
  }
  if (isMeant) return verdict('unclear', 'unknown', SAID.unsigned);
  const { already, changed } = restoreFields(item.raw, line.fields);
  if (already.length === line.fields.length) {
    const isUnwritten = item.view.updatedAt !== null && written[index] === lastWriting(item);
    return isUnwritten ? verdict('not_applied') : verdict('unclear', 'unknown', SAID.writtenSince);
  }
  const isStockAlone = changed.length > 0 && changed.every(({ path }) => path[0] === 'stock');
  return verdict('unclear', 'unknown', isStockAlone ? SAID.sold : SAID.different);
}

const isAsMeant = ({ line: { fields } }: OpenLine, item: InventoryItem | undefined): boolean =>
  item !== undefined && restoreFields(item.raw, fields).restored.length === fields.length;

/** The items of the lines, by index: by their codes in one request, and by id those that are not found by it. */
async function itemsOf(
  lines: readonly OpenLine[],
  around: Surroundings,
): Promise<ReadonlyMap<number, InventoryItem>> {
  const codes = lines.flatMap(({ line }) => codeNow(line) ?? []);
  const items = new Map((await itemsByCodes(codes, around)).map((item) => [item.view.id, item]));
  const idOf = ({ line }: OpenLine): string => line.target.id ?? '';
  const rest = lines.map(idOf).filter((id) => !items.has(id));
  const others = await itemsByIds(rest.slice(0, MOST_BY_ID), around);
  return new Map(
    lines.flatMap((open) => {
      const item = items.get(idOf(open)) ?? others.get(idOf(open));
      return item === undefined ? [] : [[open.index, item]];
    }),
  );
}

/** The code that the item has once the line is applied. */
function codeNow({ target, fields }: ChangeLine): string | undefined {
  const after = fields.find(({ path }) => path[0] === 'code')?.after;
  return typeof after === 'string' ? after : target.name;
}

function unlessOurs(error: unknown): undefined {
  if (error instanceof AppError && error.code !== 'internal') return undefined;
  throw error;
}
