import { AppError } from '../../errors.js';
import type { RefusalReason } from '../audit/port.js';
import type { Kid } from '../ids.js';

/** Why a key was refused: for the log and the audit trail. The caller is told one thing for all of it. */
export class KeyRefusal extends Error {
  override readonly name = 'KeyRefusal';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, explanation: string, kid?: Kid) {
    super(kid === undefined ? `key refused: ${explanation}` : `key ${kid} refused: ${explanation}`);
    this.reason = reason;
  }
}

/** The reason behind an error of the authenticator; `undefined` when it is no refusal of a key. */
export function refusalReason(error: unknown): RefusalReason | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof KeyRefusal) return cause.reason;
  }
  return undefined;
}

/** One public error for every reason. */
export const keyRefused = (
  reason: RefusalReason,
  kid?: Kid,
  explanation: string = reason.replaceAll('_', ' '),
): AppError => new AppError('unauthorized', undefined, { cause: new KeyRefusal(reason, explanation, kid) });
