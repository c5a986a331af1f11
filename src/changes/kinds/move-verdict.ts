/**
 * What one order says of a move whose answer was lost. That it is in the folder is all that was wanted; that it was never
 * moved is shown only by a history without any entry since.
 */
import { AppError } from '../../errors.js';
import { WRITER } from '../../orderdesk/parse/marks.js';
import type { CallContext, Order } from '../../orderdesk/port.js';
import type { LookedUp, OpenStep, Surroundings, Verdict } from '../change-type.js';
import type { ChangeLine } from '../port.js';
import { SAID } from './move-lines.js';

/** Order Desk keeps so many entries of an order's history; what comes after may be lost. */
const HISTORY_CAP = 250;
/** Orders that may share one number of their shop, split and duplicated ones. */
const SAME_SOURCE = 50;

export type OpenLine = OpenStep['lines'][number];

/** What is looked for, and with which reads. */
export interface Looking {
  readonly folderId: string;
  /** Before the request can have been sent, whichever clock is behind. */
  readonly since: Date;
  readonly around: Surroundings;
  readonly ctx: CallContext;
}

export const orderOf = ({ line }: OpenLine): string => line.target.id ?? '';

/** Reads the order. @throws AppError as reads do */
export async function lookAtOrder(open: OpenLine, looking: Looking): Promise<Verdict> {
  const order = await orderWithHistory(orderOf(open), looking);
  if (order === undefined) return verdict(open, 'not_applied', { message: SAID.gone });
  const touched = touchedSince(order, looking.since);
  if (order.view.folderId === looking.folderId) return inFolder(open, touched);
  if (touched === false) return verdict(open, 'not_applied');
  return unclear(open, touched ? SAID.touchedSince : SAID.historyUnread);
}

/** What was wanted is so, whoever did it. @param touched whether it was moved since; `undefined` where nobody knows */
export function inFolder(open: OpenLine, touched: boolean | undefined): Verdict {
  if (wasElsewhere(open.line)) return verdict(open, 'applied');
  if (touched === false) {
    return verdict(open, 'applied', { outcome: 'already', fields: [], message: SAID.alreadyThere });
  }
  return verdict(open, 'applied', { message: SAID.inFolder });
}

export const notMoved = (open: OpenLine): Verdict => verdict(open, 'not_applied');

export const unclear = (open: OpenLine, message: string): Verdict =>
  verdict(open, 'unclear', { outcome: 'unknown', message });

/** Whether the order is there, and its history shows no move. */
export const showsNoMove = ({ found, line }: Verdict): boolean =>
  (found === 'not_applied' && line === undefined) || line?.outcome === 'already';

export const mayBeMoved = (verdict: Verdict): boolean =>
  verdict.found !== 'not_applied' && !showsNoMove(verdict);

const wasElsewhere = ({ fields }: ChangeLine): boolean =>
  fields.some(({ before, after }) => before !== undefined && before !== after);

const verdict = (open: OpenLine, found: LookedUp, change?: Partial<ChangeLine>): Verdict => ({
  index: open.index,
  found,
  ...(change === undefined ? {} : { line: { ...open.line, ...change } }),
});

/** Order Desk documents the history for searches only: where reading the one order leaves it out, a search is made. */
async function orderWithHistory(id: string, { around, ctx }: Looking): Promise<Order | undefined> {
  const { reads, store } = around;
  const order = await reads.order(store, id, ctx, { history: true, lenient: true }).catch(unlessMissing);
  if (order === undefined || order.raw.order_history !== undefined || order.view.sourceId === null) {
    return order;
  }
  const query = { sourceId: order.view.sourceId, history: true, limit: SAME_SOURCE };
  const { orders } = await reads.orders(store, query, ctx);
  return orders.find(({ view }) => view.id === id) ?? order;
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'not_found') return undefined;
  throw error;
}

/** Whether anything was written into the history since; `undefined` where it cannot be read, or is full. */
function touchedSince({ raw, view }: Order, since: Date): boolean | undefined {
  if (raw.order_history === undefined) return undefined;
  const isTouched = view.history
    // What this server writes are notes, which are no moves.
    .filter(({ by }) => by?.startsWith(WRITER) !== true)
    .some(({ at }) => at === null || Date.parse(at) >= since.getTime());
  return !isTouched && view.history.length >= HISTORY_CAP ? undefined : isTouched;
}
