/** One step: a request that goes out once, and what is known of it afterwards. */
import type { AppError } from '../errors.js';
import type { CallContext } from '../orderdesk/port.js';
import { orderVersion } from '../orders/version.js';
import { WRITE_NEEDS_MS } from './admission.js';
import { quotedWords, refusalOf } from './answer.js';
import type { Step, Verdict } from './change-type.js';
import type { Images } from './ledger.js';
import { LOOK_YOURSELF, notSent, unknown, withLines } from './outcomes.js';
import type { ChangeKind, ChangeLine } from './port.js';
import { type ClaimedRun, type EngineDeps, reached } from './run.js';
import { isConclusive, linesAfter, look, type Settleable } from './settle.js';
import { afterwards, type CallCount, surroundings } from './surroundings.js';

/** What became of a step; `lines` are all of the change. */
export type StepResult = { readonly lines: readonly ChangeLine[] } & (
  | {
      readonly kind: 'answered';
      readonly version?: string | undefined;
      readonly remarks: readonly string[];
    }
  /** Order Desk did not like what it says. `asAWhole`: there is no more to the change than this. */
  | { readonly kind: 'refused'; readonly asAWhole: AppError | undefined }
  /** Nothing was changed, and it may be tried again. */
  | { readonly kind: 'held_back'; readonly error: AppError }
  /** It may still be on its way. */
  | { readonly kind: 'lost'; readonly check: string }
);

/** Kept of a lease for the answer and for closing; a write that has begun takes 30 s at most. Milliseconds. */
const LEASE_RESERVE_MS = 20_000;

/**
 * @param pendingSince just before the lease was renewed, by `monotonic`: it departs only if it can end inside the lease
 */
export async function sendStep<K extends ChangeKind>(
  run: ClaimedRun<K>,
  step: Step,
  images: Images,
  pendingSince: number,
): Promise<StepResult> {
  const { deps, ctx, store, claim, count } = run;
  const leaseEnds = pendingSince + Math.max(deps.leaseMs - LEASE_RESERVE_MS, WRITE_NEEDS_MS);
  count.add();
  const outcome = await deps.writes.write(store, step.request, {
    signal: ctx.signal,
    deadlineAt: Math.min(ctx.deadlineAt, leaseEnds),
    principal: ctx.principal,
    ...(ctx.priority === undefined ? {} : { priority: ctx.priority }),
  });
  await reached(deps, 'sent', claim.id);
  if (outcome.outcome === 'applied') return answered(run, step, images, outcome.body);
  if (outcome.outcome === 'unknown') return lookAfter(run, step, images, outcome.check.describe);
  const { error } = outcome;
  if (refusalOf(error) !== undefined) return refused(run, step, images, error);
  const lines = withLines(images.lines, step.lines, (line) => notSent(line, error.ownWords));
  return { kind: 'held_back', lines, error };
}

async function refused<K extends ChangeKind>(
  run: ClaimedRun<K>,
  step: Step,
  images: Images,
  refusal: AppError,
): Promise<StepResult> {
  const { deps, store, claim, count, ctx, type, plan } = run;
  const around = surroundings(deps, store, afterwards(deps, ctx), claim.id, { count });
  const quoted = quotedWords(refusal);
  const failed = ({ target, fields }: ChangeLine): ChangeLine => ({
    target,
    fields,
    outcome: 'failed',
    message: refusal.ownWords,
    ...(quoted === undefined ? {} : { quoted }),
  });
  const said = await type.refused?.(step, refusal, around);
  const lines = withLines(images.lines, step.lines, (line, place) => said?.[place] ?? failed(line));
  const tellsLines = said !== undefined || step.lines.length < plan.lines.length;
  const asAWhole = tellsLines ? undefined : ((await type.refusedAs?.(step, refusal, around)) ?? refusal);
  return { kind: 'refused', lines, asAWhole };
}

async function answered<K extends ChangeKind>(
  run: ClaimedRun<K>,
  step: Step,
  images: Images,
  body: Readonly<Record<string, unknown>>,
): Promise<StepResult> {
  const { deps, store, claim, count, ctx, type } = run;
  const around = surroundings(deps, store, afterwards(deps, ctx), claim.id, { count });
  try {
    const said = await type.read(step, body, around);
    const lines = withLines(images.lines, step.lines, (line, place) => said.lines[place] ?? unknown(line));
    return {
      kind: 'answered',
      lines,
      remarks: said.remarks ?? [],
      ...(said.order === undefined ? {} : { version: orderVersion(said.order) }),
    };
  } catch (error) {
    // An answer that cannot be understood is as good as none: what was changed is found out by looking.
    deps.onFailure(error);
    return lookAfter(run, step, images);
  }
}

/** A lost answer. Only what is seen to be applied counts: what is not there yet may still come. */
async function lookAfter<K extends ChangeKind>(
  { deps, ctx, store, claim, count, job }: ClaimedRun<K>,
  step: Step,
  images: Images,
  check: string = LOOK_YOURSELF,
): Promise<StepResult> {
  const open = { lines: step.lines, probe: step.probe };
  const sent: Settleable = {
    id: claim.id,
    kind: job.request.kind,
    sentAt: new Date(deps.now()),
    effects: 0,
    store,
    images: { ...images, open },
  };
  const verdicts = await seen(deps, sent, afterwards(deps, ctx), count);
  const applied = verdicts.filter(({ found }) => found === 'applied');
  const lines = linesAfter(sent.images, applied, check);
  if (isConclusive(sent, verdicts)) return { kind: 'answered', lines, remarks: [] };
  return { kind: 'lost', lines, check };
}

/** A look that fails has seen nothing; the sweeper looks again. */
async function seen(
  deps: EngineDeps,
  sent: Settleable,
  ctx: CallContext,
  count: CallCount,
): Promise<readonly Verdict[]> {
  try {
    return await look(deps, sent, ctx, count);
  } catch (error) {
    deps.onFailure(error);
    return [];
  }
}
