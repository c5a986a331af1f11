/** Refusals of the merge as the error that a caller gets. */
import { AppError } from '../../errors.js';
import type { Outcome, Refused } from '../../orders/merge/refusal.js';

/** More are found once these are put right. */
const MOST_TOLD = 10;

/** @throws AppError `invalid_argument` naming all that was refused */
export function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw refusedArguments(outcome);
  return outcome;
}

function refusedArguments({ refusals }: Refused): AppError {
  const told = refusals.slice(0, MOST_TOLD);
  const hints = new Set(told.flatMap(({ hint }) => hint ?? []));
  const [first] = told;
  const message = [...told.map((refusal) => refusal.message), 'Nothing was written.'].join(' ');
  return new AppError('invalid_argument', message, {
    ...(hints.size === 0 ? {} : { hint: [...hints].join(' ') }),
    ...(first === undefined ? {} : { field: first.field }),
  });
}
