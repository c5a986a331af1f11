/**
 * What became of a write. Three outcomes and no fourth: `applied`, `failed` (proven that nothing was changed) and
 * `unknown` (it may have been). What cannot be proven is unknown.
 */
import { AppError, type ErrorCode } from '../errors.js';
import { isBatch, type ReplyFacts, type Route } from './call.js';
import type { JsonRecord } from './parse/json.js';

/** How to find out what became of a write: a read to be made, and a sentence that says what to look for. */
export interface WriteCheck {
  /** For an agent; holds no customer's data. */
  readonly describe: string;
  /** To be read with GET. */
  readonly route: Route;
  readonly ids?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  /** Where several are to be read, one after the other: the order whose id fills the route, instead of `ids`. */
  readonly each?: readonly string[];
}

export type WriteOutcome =
  | { readonly outcome: 'applied'; readonly body: JsonRecord }
  | { readonly outcome: 'failed'; readonly error: AppError }
  | { readonly outcome: 'unknown'; readonly error: AppError; readonly check: WriteCheck };

/** Answers that were read to their end and refuse the write; which 4xx it was is known by then. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'upstream_rejected',
  'upstream_credentials_refused',
  'upstream_rate_limited',
  'not_found',
]);

/** Follows a write on its way, over all of its attempts. */
export class WriteTrace {
  #isOpen = false;

  readonly onDeparture = (): void => {
    this.#isOpen = true;
  };

  readonly onReply = ({ status }: ReplyFacts): void => {
    // Refused, whatever the rest of the answer says and even if it never comes; 408 is a proxy that gave up waiting.
    if (status >= 400 && status < 500 && status !== 408) this.#isOpen = false;
  };

  /** Whether an attempt has left this process whose answer is not known. */
  get mayBeApplied(): boolean {
    return this.#isOpen;
  }
}

/**
 * A batch that is refused in HTTP 200 may be carried out in part: what Order Desk answers then is not known (Order Desk
 * API, open questions).
 * @param error what ended the write
 */
export function outcomeOf(
  error: AppError,
  trace: WriteTrace,
  { route }: { readonly route: Route },
  check: WriteCheck,
): WriteOutcome {
  const isRefused = REFUSALS.has(error.code) && !isBatch(route);
  if (!trace.mayBeApplied || isRefused) return { outcome: 'failed', error };
  const unknown = new AppError(error.code, `${error.ownWords} Whether the change was made is not known.`, {
    hint: check.describe,
    cause: error,
    ...(error.field === undefined ? {} : { field: error.field }),
  });
  return { outcome: 'unknown', error: unknown, check };
}
