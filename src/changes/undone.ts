/** What stands against taking a change back, or going on with it: another change that takes it back. */
import { AppError } from '../errors.js';
import type { ChangeState } from './port.js';

/** How long an outcome that is open mostly takes: a lease, and the sweep after it. In seconds. */
const OPEN_RETRY_S = 60;

/** Of a change that is to be taken back. */
export const outcomeOpen = (): AppError =>
  new AppError('in_progress', 'What became of the change that is to be undone is not known yet.', {
    retryAfterS: OPEN_RETRY_S,
    hint: `Wait ${OPEN_RETRY_S} seconds, then make the same call again. list_changes shows what became of it.`,
  });

/** @param state of the undo: one that has come to nothing stands against nothing */
export function undoneAlready(by: string, state: ChangeState, retryAfterS = OPEN_RETRY_S): AppError {
  switch (state) {
    case 'unknown':
      return new AppError(
        'cannot_undo',
        `This change cannot be undone. An undo of it, change ${by}, has an unknown outcome.`,
        {
          hint: 'Read what it changed and compare. An operator can settle that undo, which says what became of it.',
        },
      );
    case 'applied':
      return new AppError(
        'cannot_undo',
        `This change cannot be undone. It was undone already, by change ${by}.`,
        { hint: 'To make the change again, undo that one.' },
      );
    default:
      return new AppError(
        'in_progress',
        `An undo of this change, change ${by}, is under way, or it is not known yet what became of it.`,
        { retryAfterS, hint: `Wait ${retryAfterS} seconds, then make the same call again.` },
      );
  }
}

/** For a call that would go on with a change of which a part was done. */
export const undoneMeanwhile = (by: string): AppError =>
  new AppError(
    'conflict',
    `An undo of this change, change ${by}, was begun after its first part was done. What was left is not carried out any more.`,
    { hint: 'To change what was left, make a new call with a new idempotency_key.' },
  );
