/** Why stores could not answer, beside the answers of others and where none could. */
import { AppError } from '../errors.js';
import { fitEntries } from '../orders/budget.js';
import { clip, clipValue } from '../orders/text.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { defined } from './defined.js';

export interface Failed {
  readonly store: StoreEntry;
  readonly error: AppError;
}

/** Characters that an error takes of an answer. */
const MESSAGE_ROOM = 300;
const HINT_ROOM = 300;
/** For what others wrote, of all stores together. */
const QUOTED_ROOM = 6_000;

/**
 * A store's failure as an answer shows it.
 * @param stores that share the answer
 * @param isMasked for a key that may not see customers
 */
export const errorOf = (error: AppError, stores: number, isMasked: boolean) => ({
  code: error.code,
  message: clip(error.ownWords, MESSAGE_ROOM),
  ...defined({
    field: error.field,
    retry_after_s: error.retryAfterS,
    hint: error.hint === undefined ? undefined : clip(error.hint, HINT_ROOM),
  }),
  ...defined({ quoted: quotedBy(error, stores, isMasked) }),
});

/** What others wrote, as data; lists lose whole entries. */
function quotedBy({ quotation }: AppError, stores: number, isMasked: boolean) {
  if (quotation === undefined || (isMasked && quotation.mayNameCustomers)) return undefined;
  const room = Math.floor(QUOTED_ROOM / stores);
  const quoted: Record<string, unknown> = {};
  let omitted = Number(quotation.data.omitted ?? 0);
  for (const [key, value] of Object.entries(quotation.data)) {
    if (Array.isArray(value)) {
      const { kept, dropped } = fitEntries<unknown>(value, room);
      quoted[key] = kept;
      omitted += dropped;
    } else if (key !== 'omitted') quoted[key] = clipValue(value, room);
  }
  return omitted > 0 ? { ...quoted, omitted } : quoted;
}

/** One error for all stores: in its own words where they agree, else in those of each. */
export function allFailed(failures: readonly Failed[], isMasked: boolean): AppError {
  const [first] = failures;
  if (first === undefined) return new AppError('internal');
  const { error } = first;
  const agree = failures.every(
    (each) => each.error.code === error.code && each.error.ownWords === error.ownWords,
  );
  const sameHint = failures.every((each) => each.error.hint === error.hint);
  const waits = failures.flatMap((each) => each.error.retryAfterS ?? []);
  return new AppError(
    error.code,
    agree ? error.ownWords : `None of the stores could answer. ${each(failures, ({ ownWords }) => ownWords)}`,
    defined({
      field: agree ? error.field : undefined,
      hint: sameHint ? error.hint : each(failures, ({ hint }) => hint),
      retryAfterS: waits.length === 0 ? undefined : Math.min(...waits),
      quotation: quotationOf(failures, isMasked),
      cause: error,
    }),
  );
}

const each = (failures: readonly Failed[], said: (error: AppError) => string | undefined): string =>
  failures
    .map(({ store, error }) => ({ store, text: said(error) }))
    .flatMap(({ store, text }) =>
      text === undefined ? [] : [`${JSON.stringify(store.name)}: ${clip(text, MESSAGE_ROOM)}`],
    )
    .join(' ');

function quotationOf(failures: readonly Failed[], isMasked: boolean) {
  const byStore = failures.flatMap(({ store, error }) => {
    const quoted = quotedBy(error, failures.length, isMasked);
    return quoted === undefined ? [] : [{ store: store.name, ...quoted }];
  });
  return byStore.length === 0 ? undefined : { data: { by_store: byStore }, mayNameCustomers: false };
}

/** The same error about another argument. */
export const withField = (error: AppError, field: string): AppError =>
  new AppError(
    error.code,
    error.message,
    defined({
      field,
      hint: error.hint,
      retryAfterS: error.retryAfterS,
      quotation: error.quotation,
      cause: error,
    }),
  );
