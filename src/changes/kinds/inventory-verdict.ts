/**
 * What became of items that were written: Order Desk answers a batch without a word on its lines, so they are read again
 * and compared with what they were and what they should be.
 */
import { AppError } from '../../errors.js';
import { isRecord } from '../../orderdesk/parse/json.js';
import type { InventoryItem } from '../../orderdesk/port.js';
import { restoreFields } from '../../orders/field-changes.js';
import type { LookedUp, OpenStep, Surroundings, Verdict } from '../change-type.js';
import type { ChangeLine, LineOutcome } from '../port.js';
import { itemsByCodes, itemsByIds, MOST_BY_ID, WRITER } from './inventory-items.js';

/** `marked`: lines whose item was last written by somebody else when it was read, so that our name on it tells. */
export interface InventoryProbe {
  readonly marked: readonly number[];
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
  unread:
    'Order Desk took the request, but the item could not be read afterwards, which alone tells whether it was written.',
} as const;

export function probeOf(step: { readonly probe: unknown }): InventoryProbe {
  const { probe } = step;
  const { marked, readAt } = isRecord(probe) ? probe : {};
  return {
    marked: Array.isArray(marked) ? marked.filter((index) => typeof index === 'number') : [],
    readAt: typeof readAt === 'number' ? readAt : 0,
  };
}

/** After an answer that took the batch. */
export async function linesNow(step: OpenStep, around: Surroundings): Promise<readonly ChangeLine[]> {
  const items = await itemsOf(step.lines, around).catch(unlessOurs);
  const { marked } = probeOf(step);
  return step.lines.map((open) => {
    if (items === undefined) return { ...open.line, outcome: 'unknown', message: SAID.unread };
    const { found, line } = verdictOn(open, items.get(open.index), marked);
    if (found !== 'not_applied') return line ?? open.line;
    return { ...open.line, outcome: 'failed', message: SAID.notDone };
  });
}

/** After an answer that was lost. @throws AppError as reads do */
export async function lookAtItems(step: OpenStep, around: Surroundings): Promise<readonly Verdict[]> {
  const items = await itemsOf(step.lines, around);
  const { marked } = probeOf(step);
  return step.lines.map((open) => verdictOn(open, items.get(open.index), marked));
}

function verdictOn(open: OpenLine, item: InventoryItem | undefined, marked: readonly number[]): Verdict {
  const { index, line } = open;
  const verdict = (found: LookedUp, outcome?: LineOutcome, message?: string): Verdict =>
    outcome === undefined ? { index, found } : { index, found, line: { ...line, outcome, message } };
  if (item === undefined) return verdict('unclear', 'unknown', SAID.gone);
  const { restored, already, changed } = restoreFields(item.raw, line.fields);
  if (restored.length === line.fields.length) return verdict('applied');
  if (marked.includes(index) && item.raw.update_source === WRITER) {
    return verdict('applied', 'applied', SAID.changedSince);
  }
  if (already.length === line.fields.length) return verdict('not_applied');
  const isStockAlone = changed.length > 0 && changed.every(({ path }) => path[0] === 'stock');
  return verdict('unclear', 'unknown', isStockAlone ? SAID.sold : SAID.different);
}

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
