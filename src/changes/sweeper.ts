/**
 * Finishes what others left: claims without an owner go, and what may have been sent is looked at. It never sends. Every
 * replica runs it; the ledger gives each change to one of them.
 */
import type { CallContext } from '../orderdesk/port.js';
import type { Verdict } from './change-type.js';
import type { Claim, Closing, ClosingUnread, Images, StoredChange } from './ledger.js';
import { isResumable, unknown, withLines } from './outcomes.js';
import type { EngineDeps } from './run.js';
import { closingOf, isConclusive, look, type Settleable, settleable, together } from './settle.js';

/** Changes in one sweep. */
const AT_ONCE = 10;
/** How long a change that cannot be looked at is tried again. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/**
 * What a look may take, in milliseconds: a store gives three reads a second, and one line may need one of its own. All looks
 * of a round end by `ROUND_MS`. Two rounds and the gap of 10 s are 100 s; what the sweep took is nobody else's for 120 s, the
 * lease of 60 s and the grace of 60 s after it, so that 20 s are left for closing.
 */
const LOOK_MS = 10_000;
const LOOK_LINE_MS = 400;
const ROUND_MS = 45_000;

type Dead = { readonly claim: Claim; readonly change: StoredChange };
type Seen = Dead & { readonly sent: Settleable; readonly verdicts: readonly Verdict[] };
/** What a round made of a change: a look that has to be followed by another, or nothing that this sweep goes on with. */
type Round = Seen | 'finished' | 'left';

/**
 * What fails for one change is told to `onFailure` and leaves that one to the next sweep.
 * @returns how many changes were finished
 */
export async function sweep(deps: EngineDeps, signal: AbortSignal): Promise<number> {
  const dead = await deps.ledger.takeDead(AT_ONCE);
  const first = await inRound(deps, dead, (each, until) => begin(deps, each, until, signal));
  const unsure = first.filter((each) => typeof each === 'object');
  if (unsure.length === 0) return finishedOf(first);
  await deps.sleep(deps.gapMs, signal, 'upstream');
  const second = await inRound(deps, unsure, (each, until) => end(deps, each, until, signal));
  return finishedOf(first) + finishedOf(second);
}

const finishedOf = (rounds: readonly Round[]): number => rounds.filter((each) => each === 'finished').length;

/**
 * Stores side by side; of one store, whose reads share one budget, one change after the other, and those with few lines
 * first: a large one that never fits keeps none from its outcome.
 */
async function inRound<T extends Dead>(
  deps: EngineDeps,
  all: readonly T[],
  work: (each: T, until: number) => Promise<Round>,
): Promise<readonly Round[]> {
  const until = deps.monotonic() + ROUND_MS;
  const byStore = new Map<string, T[]>();
  for (const each of all.toSorted((one, other) => linesOf(one) - linesOf(other))) {
    const { orderDeskId } = each.change.store;
    byStore.set(orderDeskId, [...(byStore.get(orderDeskId) ?? []), each]);
  }
  const ofStores = [...byStore.values()].map(async (ofStore) => {
    const rounds: Round[] = [];
    for (const each of ofStore) rounds.push(await work(each, until).catch((error) => leave(deps, error)));
    return rounds;
  });
  return (await Promise.all(ofStores)).flat();
}

const linesOf = ({ change: { images } }: Dead): number => images?.open?.lines.length ?? 0;

function leave({ onFailure }: EngineDeps, error: unknown): Round {
  onFailure(error);
  return 'left';
}

async function begin(deps: EngineDeps, dead: Dead, until: number, signal: AbortSignal): Promise<Round> {
  const { claim, change } = dead;
  if (change.state === 'claimed') {
    await deps.ledger.abandon(claim);
    return 'finished';
  }
  // Nothing to look at: a person who took it to settle it did not come to the end.
  if (change.images?.open === null) return giveUp(deps, dead);
  const store = await deps.resolveStore(change.tenantId, change.storeRowId);
  const sent = store === undefined ? undefined : settleable(change, store);
  const verdicts = sent === undefined ? undefined : await lookOnce(deps, change, sent, until, signal);
  if (sent === undefined || verdicts === undefined) return giveUpWhenOld(deps, dead);
  const seen = { ...dead, sent, verdicts };
  return isConclusive(sent, verdicts) ? close(deps, seen, verdicts) : seen;
}

async function end(deps: EngineDeps, seen: Seen, until: number, signal: AbortSignal): Promise<Round> {
  const second = await lookOnce(deps, seen.change, seen.sent, until, signal);
  return second === undefined
    ? giveUpWhenOld(deps, seen)
    : close(deps, seen, together(seen.verdicts, second));
}

/** @returns `undefined` where it cannot be looked at now: upstream away, key refused, no time left in this round */
async function lookOnce(
  deps: EngineDeps,
  { kid }: StoredChange,
  sent: Settleable,
  until: number,
  signal: AbortSignal,
): Promise<readonly Verdict[] | undefined> {
  const now = deps.monotonic();
  if (now >= until) return undefined;
  const ctx: CallContext = {
    // One of its own: all looks of a sweep listening to one signal would look like a leak.
    signal: AbortSignal.any([signal]),
    deadlineAt: Math.min(until, now + LOOK_MS + sent.images.open.lines.length * LOOK_LINE_MS),
    principal: { kid },
    priority: 'background',
  };
  try {
    return await look(deps, sent, ctx);
  } catch (error) {
    deps.onFailure(error);
    return undefined;
  }
}

/** `left` where the row was not this sweeper's to close any more. */
async function close(deps: EngineDeps, { claim, sent }: Seen, verdicts: readonly Verdict[]): Promise<Round> {
  return (await deps.ledger.close(claim, closingOf(sent, verdicts))) ? 'finished' : 'left';
}

async function giveUpWhenOld(deps: EngineDeps, dead: Dead): Promise<Round> {
  const sentAt = dead.change.sentAt ?? dead.change.at;
  return deps.now() - sentAt.getTime() < GIVE_UP_AFTER_MS ? 'left' : giveUp(deps, dead);
}

async function giveUp({ ledger }: EngineDeps, { claim, change }: Dead): Promise<Round> {
  const { images } = change;
  return (await ledger.close(claim, images === null ? UNREAD : unknownForGood(images))) ? 'finished' : 'left';
}

const UNREAD: ClosingUnread = { state: 'unknown', images: null, resumable: false, refunded: null };

function unknownForGood({ open, lines: all, ...rest }: Images): Closing {
  const lines = withLines(all, open?.lines ?? [], (line) => unknown(line));
  return {
    state: 'unknown',
    images: { ...rest, lines, open: null },
    resumable: isResumable(lines),
    refunded: null,
  };
}
