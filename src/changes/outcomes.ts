/** What became of a change as a whole, from what became of its lines. */
import type { OpenStep } from './change-type.js';
import type { CarriedOut, ChangeLine, ChangeState, LineOutcome } from './port.js';

/** How to find out about a line, where Order Desk's client could not say. */
export const LOOK_YOURSELF = 'Whether it was changed is not known: read it again and compare.';
export const NOT_CARRIED_OUT = 'This was not carried out.';

export const isDone = ({ outcome }: ChangeLine): boolean => outcome !== 'not_sent';

/** Whether the same call may go on with something. */
export const isResumable = (lines: readonly ChangeLine[]): boolean => !lines.every(isDone);

/** The state of a row with these lines when nobody is at work on it. */
export function stateOf(lines: readonly ChangeLine[]): ChangeState {
  const outcomes = new Set(lines.map(({ outcome }) => outcome));
  if (outcomes.has('unknown')) return 'unknown';
  return outcomes.has('applied') || outcomes.has('already') ? 'applied' : 'failed';
}

export function outcomeOf(lines: readonly ChangeLine[]): CarriedOut {
  const outcomes = new Set<LineOutcome>(lines.map(({ outcome }) => outcome));
  if (outcomes.has('applied')) outcomes.delete('already');
  if (outcomes.size > 1) return 'partly';
  const [only] = outcomes;
  if (only === undefined || only === 'already') return 'unchanged';
  return only === 'not_sent' ? 'failed' : only;
}

/** @param lines `null` where they can no longer be read: the state says it then. @returns `null` while nobody can know yet */
export function outcomeOfEntry(state: ChangeState, lines: readonly ChangeLine[] | null): CarriedOut | null {
  if (state === 'claimed' || state === 'pending') return null;
  return lines === null || lines.length === 0 ? state : outcomeOf(lines);
}

/** The lines with those of a step in their places. */
export function withLines(
  lines: readonly ChangeLine[],
  step: OpenStep['lines'],
  change: (line: ChangeLine, place: number) => ChangeLine,
): readonly ChangeLine[] {
  const changed = [...lines];
  for (const [place, { index, line }] of step.entries()) changed[index] = change(line, place);
  return changed;
}

export const notSent = (line: ChangeLine, message?: string): ChangeLine => marked(line, 'not_sent', message);

export const unknown = (line: ChangeLine, message: string = LOOK_YOURSELF): ChangeLine =>
  marked(line, 'unknown', message);

function marked(line: ChangeLine, outcome: LineOutcome, message: string | undefined): ChangeLine {
  const { target, fields } = line;
  return message === undefined ? { target, fields, outcome } : { target, fields, outcome, message };
}
