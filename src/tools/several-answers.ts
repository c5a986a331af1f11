/** The answers of one store or of several as one answer that fits: they share its room, and say once what all say. */
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { CallContext } from '../mcp/catalogue.js';
import { fitEntries, jsonSize, roomBeside, shareRoom } from '../orders/budget.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { defined } from './defined.js';
import type { ToolDeps } from './deps.js';
import { askStores, findStores, hasAnswered, type Outcome } from './several-stores.js';
import { errorOf } from './store-errors.js';

export const byStoreOut = z
  .array(z.looseObject({ store: z.string() }))
  .optional()
  .describe('With stores: each as a single answer, or with error');

export type Remarked<A> = A & { remarks?: string[] };

/** What a store has to say, before it is known how much room it gets. */
export interface Prepared<A extends object> {
  /** Characters that its entries take, all of them. */
  readonly need: number;
  /** The answer without entries at its largest, with every remark that it may come to. */
  readonly envelope: Remarked<Readonly<Record<string, unknown>>>;
  /**
   * With as many entries as fit into `room` characters.
   * @param alone it has at least one entry where there is any, however large
   */
  answer(room: number, alone: boolean): Promise<Remarked<A>>;
}

/** Which stores a caller asks, and where one of them is to go on. */
interface Asked {
  readonly store: string | undefined;
  readonly stores: readonly string[] | undefined;
  readonly cursor?: string | undefined;
}

/**
 * The answer of the store that is asked, or of each of several.
 * @param prepare reads a store, as one of `count`
 * @throws AppError as `prepare` does for one store; `invalid_argument`, `unknown_store`; as `askStores` does
 */
export async function answerStores<A extends object>(
  { directory }: Pick<ToolDeps, 'directory'>,
  { store, stores, cursor }: Asked,
  ctx: CallContext,
  prepare: (entry: StoreEntry, ctx: CallContext, count: number) => Promise<Prepared<A>>,
) {
  if (stores === undefined) {
    const prepared = await prepare(await directory.resolve(ctx.principal, store), ctx, 1);
    return prepared.answer(roomBeside(prepared.envelope), true);
  }
  refuseBesideStores({ store, cursor });
  const found = await findStores(directory, ctx.principal, stores);
  const outcomes = await askStores(
    found.stores,
    ctx,
    () => performance.now(),
    (entry, part) => prepare(entry, part, found.stores.length),
  );
  return answerTogether(outcomes, found.repeated, ctx.principal.scope.mask);
}

function refuseBesideStores({
  store,
  cursor,
}: Readonly<Record<'store' | 'cursor', string | undefined>>): void {
  if (store !== undefined) {
    throw new AppError('invalid_argument', 'stores: cannot be given with store.', {
      field: 'stores',
      hint: 'Give store for one store, or stores for several.',
    });
  }
  if (cursor !== undefined) {
    throw new AppError('invalid_argument', 'cursor: cannot be given with stores: it is of one of them.', {
      field: 'cursor',
      hint: 'Go on store by store: its name as store, its next_cursor as cursor, and the same other arguments.',
    });
  }
}

/** Characters that the remarks of several stores have at most. */
const REMARKS_ROOM = 3_000;
const MORE_REMARKS = 'There are more remarks: ask for one store alone to see them.';
const REPEATED = 'Some of the names in stores mean the same store: it was read once.';

/**
 * @param repeated a store was named more than once
 * @param isMasked for a key that may not see customers
 */
async function answerTogether<A extends object>(
  outcomes: readonly Outcome<Prepared<A>>[],
  repeated: boolean,
  isMasked: boolean,
) {
  const labelled = <T extends object>(outcome: Outcome<Remarked<T>>) => {
    const { store } = outcome;
    return hasAnswered(outcome)
      ? { store: store.name, ...withoutRemarks(outcome.answer) }
      : { store: store.name, error: errorOf(outcome.error, outcomes.length, isMasked) };
  };
  const general = repeated ? [REPEATED] : [];
  const envelopes = outcomes.map((each) =>
    labelled(hasAnswered(each) ? { store: each.store, answer: each.answer.envelope } : each),
  );
  const said = outcomes.map((each) => ({
    store: each.store.name,
    remarks: hasAnswered(each) ? (each.answer.envelope.remarks ?? []) : [],
  }));
  const room = roomBeside({ by_store: envelopes, remarks: general }) - largestRemarks(said);
  const needs = outcomes.map((each) => (hasAnswered(each) ? each.answer.need : 0));
  const shares = shareRoom(needs, room);
  const answers = await Promise.all(
    outcomes.map(async (each, index) =>
      hasAnswered(each)
        ? { store: each.store, answer: await each.answer.answer(shares[index] ?? 0, false) }
        : each,
    ),
  );
  const remarks = answers.filter(hasAnswered).map(({ store, answer }) => ({
    store: store.name,
    remarks: answer.remarks ?? [],
  }));
  const all = [...general, ...together(remarks)];
  return {
    by_store: answers.map(labelled),
    ...defined({ remarks: all.length === 0 ? undefined : all }),
  };
}

function withoutRemarks<A extends object>({ remarks: _said, ...rest }: Remarked<A>): object {
  return rest;
}

interface Said {
  readonly store: string;
  readonly remarks: readonly string[];
}

/** Characters that they can come to, whoever says which of them. */
function largestRemarks(said: readonly Said[]): number {
  const all = namedBy(said).map(({ remark, names }) => `${names.join(', ')}: ${remark}`);
  return Math.min(REMARKS_ROOM, jsonSize(all));
}

/** Each remark once: as it is where all say it, else after the names of those who do. */
function together(said: readonly Said[]): string[] {
  const all = namedBy(said).map(({ remark, names }) =>
    names.length === said.length ? remark : `${names.join(', ')}: ${remark}`,
  );
  const { kept, dropped } = fitEntries(all, REMARKS_ROOM - jsonSize(MORE_REMARKS) - 1);
  return dropped > 0 ? [...kept, MORE_REMARKS] : kept;
}

function namedBy(said: readonly Said[]): { readonly remark: string; readonly names: readonly string[] }[] {
  const stores = new Map<string, string[]>();
  for (const { store, remarks } of said) {
    for (const remark of new Set(remarks)) stores.set(remark, [...(stores.get(remark) ?? []), store]);
  }
  return [...stores].map(([remark, names]) => ({ remark, names }));
}
