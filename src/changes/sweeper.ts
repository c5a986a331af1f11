/**
 * Finishes what others left: claims without an owner go, and what may have been sent is looked at. It never sends. Every
 * replica runs it; the ledger gives each change to one of them.
 */
import type { CallContext } from '../orderdesk/port.js';
import type { Verdict } from './change-type.js';
import type { Claim, Closing, Images, StoredChange } from './ledger.js';
import { isResumable, unknown, withLines } from './outcomes.js';
import type { EngineDeps } from './run.js';
import { closingOf, isConclusive, look, type Settleable, settleable, together } from './settle.js';

/** Changes in one sweep: all their looks must fit into the lease that the ledger gives. */
const AT_ONCE = 10;
/** How long a change that cannot be looked at is tried again. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** What one look may take, in milliseconds. */
const LOOK_MS = 10_000;

type Dead = { readonly claim: Claim; readonly change: StoredChange };
type Seen = Dead & { readonly sent: Settleable; readonly verdicts: readonly Verdict[] };

/** @returns how many changes were finished */
export async function sweep(deps: EngineDeps, signal: AbortSignal): Promise<number> {
  const dead = await deps.ledger.takeDead(AT_ONCE);
  let finished = 0;
  const unsure: Seen[] = [];
  for (const each of dead) {
    if (each.change.state === 'claimed') {
      await deps.ledger.abandon(each.claim);
      finished += 1;
      continue;
    }
    const seen = await firstLook(deps, each, signal);
    if (seen === undefined) finished += await giveUpWhenOld(deps, each);
    else if (isConclusive(seen.sent, seen.verdicts)) finished += await close(deps, seen, seen.verdicts);
    else unsure.push(seen);
  }
  if (unsure.length === 0) return finished;
  await deps.sleep(deps.gapMs, signal);
  for (const seen of unsure) {
    const second = await lookOnce(deps, seen.change, seen.sent, signal);
    if (second === undefined) finished += await giveUpWhenOld(deps, seen);
    else finished += await close(deps, seen, together(seen.verdicts, second));
  }
  return finished;
}

async function firstLook(deps: EngineDeps, dead: Dead, signal: AbortSignal): Promise<Seen | undefined> {
  const { change } = dead;
  const store = await deps.resolveStore(change.tenantId, change.storeRowId);
  const sent = store === undefined ? undefined : settleable(change, store);
  if (sent === undefined) return undefined;
  const verdicts = await lookOnce(deps, change, sent, signal);
  return verdicts === undefined ? undefined : { ...dead, sent, verdicts };
}

/** @returns `undefined` where it cannot be looked at now: upstream away, key refused */
async function lookOnce(
  deps: EngineDeps,
  { kid }: StoredChange,
  sent: Settleable,
  signal: AbortSignal,
): Promise<readonly Verdict[] | undefined> {
  const ctx: CallContext = {
    signal,
    deadlineAt: deps.monotonic() + LOOK_MS,
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

/** @returns 1 where the row was still this sweeper's to close */
async function close(deps: EngineDeps, { claim, sent }: Seen, verdicts: readonly Verdict[]): Promise<number> {
  return (await deps.ledger.close(claim, closingOf(sent, verdicts))) ? 1 : 0;
}

async function giveUpWhenOld(deps: EngineDeps, { claim, change }: Dead): Promise<number> {
  const sentAt = change.sentAt ?? change.at;
  if (deps.now() - sentAt.getTime() < GIVE_UP_AFTER_MS) return 0;
  return (await deps.ledger.close(claim, unknownForGood(change.images))) ? 1 : 0;
}

const NO_IMAGES: Images = { lines: [], records: {}, open: null, version: null, remarks: [] };

function unknownForGood(images: Images | null): Closing {
  const { open, lines: all, ...rest } = images ?? NO_IMAGES;
  const lines = withLines(all, open?.lines ?? [], (line) => unknown(line));
  return {
    state: 'unknown',
    images: { ...rest, lines, open: null },
    resumable: isResumable(lines),
    refunded: 0,
  };
}
