/**
 * Orders of which Order Desk's answer to a move does not say what became of them. They may have been moved all the same, so
 * that they are read, a few; only one that does not exist has failed.
 */
import { AppError } from '../../errors.js';
import type { Surroundings, Verdict } from '../change-type.js';
import type { ChangeLine } from '../port.js';
import { failedLine, SAID } from './move-lines.js';
import { type Looking, lookAtOrder, type OpenLine, orderOf } from './move-verdict.js';

/** Orders that are read one by one at most. */
const MOST_SINGLY = 20;
/** How long before its answer the request may have been sent, by whichever clock; a write takes 30 seconds at most. */
const SENT_WITHIN_MS = 3 * 60_000;

/** Lines by index. What cannot be read is `unknown`. */
export async function linesLeftOut(
  lines: readonly OpenLine[],
  folderId: string,
  around: Surroundings,
): Promise<ReadonlyMap<number, ChangeLine>> {
  const since = new Date(around.now().getTime() - SENT_WITHIN_MS);
  const looking: Looking = { folderId, since, around, ctx: around.ctx };
  const found = new Map<number, ChangeLine>(lines.map((open) => [open.index, unknown(open, SAID.leftOut)]));
  for (const open of lines.slice(0, MOST_SINGLY)) {
    const verdict = await lookAtOrder(open, looking).catch(unlessOurs);
    if (verdict === undefined) break;
    found.set(open.index, lineOf(open, verdict));
  }
  return found;
}

function lineOf(open: OpenLine, { found, line }: Verdict): ChangeLine {
  if (found !== 'not_applied') return line ?? open.line;
  return line?.message === SAID.gone
    ? failedLine(orderOf(open), SAID.noSuchOrder)
    : unknown(open, SAID.notMoved);
}

const unknown = ({ line }: OpenLine, message: string): ChangeLine => ({
  ...line,
  outcome: 'unknown',
  message,
});

function unlessOurs(error: unknown): undefined {
  if (error instanceof AppError && error.code !== 'internal') return undefined;
  throw error;
}
