/**
 * What became of a move whose answer was lost. A move is never sent again on a guess, since its rules would run twice.
 *
 * Few orders are read one by one. Of many, a list of the folder shows those that have arrived. Where most have not, the orders
 * at both ends of the request, and those with the lowest and highest ids, stand for all: Order Desk moves one after the
 * other, so that a request which moved any has moved one of them, whatever became of it then.
 */
import type { OpenStep, Surroundings, Verdict } from '../change-type.js';
import { SAID } from './move-lines.js';
import { READ_SINGLY } from './move-places.js';
import {
  inFolder,
  type Looking,
  lookAtOrder,
  mayBeMoved,
  notMoved,
  type OpenLine,
  orderOf,
  showsNoMove,
  unclear,
} from './move-verdict.js';

/** How far the clocks of Order Desk and of the database may be apart. */
const SKEW_MS = 2 * 60_000;
const PAGE = 500;
const MOST_PAGES = 2;
/** Orders at each end that are looked at: one that Order Desk does not know shows nothing. */
const AT_EACH_END = 3;
/** Of many orders, those that are read one by one after all. */
const MOST_SINGLY = 20;

/** @param folderId where the orders were to go @throws AppError as reads do */
export async function lookForMoves(
  step: OpenStep,
  folderId: string,
  around: Surroundings,
): Promise<readonly Verdict[]> {
  const since = new Date(step.sentAt.getTime() - SKEW_MS);
  const { lines } = step;
  if (lines.length <= READ_SINGLY) {
    return [...(await singly(lines, { folderId, since, around, ctx: around.ctx })).values()];
  }
  const looking: Looking = { folderId, since, around, ctx: { ...around.ctx, priority: 'background' } };
  const verdicts = await lookAtMany(lines, looking);
  return lines.map((open) => verdicts.get(open.index) ?? unclear(open, SAID.notLookedAt));
}

type Verdicts = ReadonlyMap<number, Verdict>;

async function singly(lines: readonly OpenLine[], looking: Looking): Promise<Verdicts> {
  const verdicts = new Map<number, Verdict>();
  for (const open of lines) verdicts.set(open.index, await lookAtOrder(open, looking));
  return verdicts;
}

async function lookAtMany(lines: readonly OpenLine[], looking: Looking): Promise<Verdicts> {
  const changed = await arrived(lines, looking, looking.since);
  if (lines.length - changed.size <= MOST_SINGLY) return withRest(lines, changed, looking);
  const ends = endsOf(lines);
  const seen = await singly([...new Set(ends.flat())], looking);
  const isUntouched = [...seen.values()].every((verdict) => !mayBeMoved(verdict));
  const isShown = ends.every((end) => end.some(({ index }) => isShownBy(seen.get(index))));
  if (isUntouched && isShown) {
    return new Map([...lines.map((open) => [open.index, notMoved(open)] as const), ...changed, ...seen]);
  }
  // Moves may leave the date of an order as it was: then the folder itself tells.
  const there = changed.size > 0 ? changed : await arrived(lines, looking);
  return withRest(lines, new Map([...there, ...seen]), looking);
}

const isShownBy = (verdict: Verdict | undefined): boolean => verdict !== undefined && showsNoMove(verdict);

async function withRest(lines: readonly OpenLine[], known: Verdicts, looking: Looking): Promise<Verdicts> {
  const rest = lines.filter(({ index }) => !known.has(index)).slice(0, MOST_SINGLY);
  return new Map([...known, ...(await singly(rest, looking))]);
}

/** Orders that lists of the folder name. @param since only those that were changed since */
async function arrived(
  lines: readonly OpenLine[],
  { folderId, around, ctx }: Looking,
  since?: Date,
): Promise<Verdicts> {
  const changed = since === undefined ? {} : { modifiedFrom: since };
  const there = new Set<string>();
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { folderIds: [folderId], ...changed, limit: PAGE, offset: page * PAGE };
    const { orders, total } = await around.reads.orders(around.store, query, ctx);
    for (const { view } of orders) if (view.folderId === folderId) there.add(view.id);
    if ((page + 1) * PAGE >= total) break;
  }
  const found = lines.filter((open) => there.has(orderOf(open)));
  return new Map(found.map((open) => [open.index, inFolder(open, undefined)]));
}

/** The first and the last of the request, and of its orders by their ids. */
function endsOf(lines: readonly OpenLine[]): readonly (readonly OpenLine[])[] {
  const byId = [...lines].sort((a, b) => Number(orderOf(a)) - Number(orderOf(b)));
  return [lines, byId].flatMap((all) => [all.slice(0, AT_EACH_END), all.slice(-AT_EACH_END)]);
}
