/** The path of every write. Each station closes a hole: what may fail does so before anything is sent, and leaves nothing. */
import { AppError, cancellation } from '../errors.js';
import { newId } from '../tenancy/ids.js';
import { admit, WRITE_NEEDS_MS } from './admission.js';
import { answerOf } from './answer.js';
import { carryOut, NothingSent, RefusedAndRecorded } from './carry-out.js';
import type { Plan } from './change-type.js';
import { ConfirmationCheck } from './confirmation-check.js';
import type { Claim, Images } from './ledger.js';
import { lockNames } from './lock-names.js';
import { isDone, isResumable, stateOf } from './outcomes.js';
import type { ChangeAnswer, ChangeContext, ChangeKind } from './port.js';
import { preview } from './preview.js';
import { recordedly } from './recordedly.js';
import { type ClaimedRun, type EngineDeps, type Job, reached } from './run.js';
import { CallCount, surroundings } from './surroundings.js';
import { takeClaim } from './take-claim.js';

/** Between two attempts to get a lock, in milliseconds: drawn anew each time, so that those who wait do not keep step. */
const POLL_FROM_MS = 50;
const POLL_TO_MS = 250;
/** What those are told who did not get a lock: most writes take less. */
const LOCKED_RETRY_S = 5;

/** @throws AppError as `ChangeEngine.run` does */
export async function runChange<K extends ChangeKind>(
  deps: EngineDeps,
  job: Job<K>,
  ctx: ChangeContext,
): Promise<ChangeAnswer> {
  const { request } = job;
  const type = deps.types[request.kind];
  // With a key it is asked after the claim: what an earlier call has left needs no budget.
  if (request.dryRun || request.idempotencyKey === undefined) await admitted(deps, job, ctx);
  if (job.refusal !== undefined && (request.dryRun || request.idempotencyKey === undefined)) {
    throw job.refusal;
  }
  if (request.dryRun) return preview(deps, job, ctx);
  // Before the claim: what has no name to lock by must not leave one behind.
  const locks = lockNames(request.store, type.locks(request.intent));
  const confirmation = await ConfirmationCheck.begin(deps, job, ctx.principal);
  if (request.idempotencyKey === undefined) confirmation.assertGiven();
  const taken = await takeClaim(deps, job, ctx, newId(deps.now, deps.random));
  if (taken.kind === 'answer') return taken.answer;
  const hold = new Hold(deps, taken.claim, locks);
  return deps.underWay(claimed(deps, job, ctx, hold, taken.earlier, confirmation));
}

async function admitted<K extends ChangeKind>(
  deps: EngineDeps,
  { request }: Job<K>,
  { deadlineAt }: ChangeContext,
): Promise<void> {
  const isPreviewed = request.dryRun || request.confirmationToken !== undefined;
  await admit(deps, request.store, deps.types[request.kind].calls(request.intent, isPreviewed), deadlineAt);
}

async function claimed<K extends ChangeKind>(
  deps: EngineDeps,
  job: Job<K>,
  ctx: ChangeContext,
  hold: Hold,
  earlier: Images | null,
  confirmation: ConfirmationCheck,
): Promise<ChangeAnswer> {
  let run: ClaimedRun<K>;
  try {
    run = await prepared(deps, job, ctx, hold, earlier, confirmation);
  } catch (thrown) {
    await hold.giveUp();
    throw thrown;
  }
  if (run.plan.steps.length === 0) {
    return nothingToDo(run, hold);
  }
  return sent(run, hold);
}

/** Claimed, locked and planned. */
async function prepared<K extends ChangeKind>(
  deps: EngineDeps,
  job: Job<K>,
  ctx: ChangeContext,
  hold: Hold,
  earlier: Images | null,
  confirmation: ConfirmationCheck,
): Promise<ClaimedRun<K>> {
  const { claim, locks } = hold;
  const { store, intent, kind } = job.request;
  await reached(deps, 'claimed', claim.id);
  if (job.refusal !== undefined && earlier === null) throw job.refusal;
  confirmation.assertGiven(earlier);
  if (job.request.idempotencyKey !== undefined) await admitted(deps, job, ctx);
  await hold.lock(ctx);
  await reached(deps, 'locked', claim.id);
  const type = deps.types[kind];
  const count = new CallCount();
  const done = new Map([...(earlier?.lines ?? []).entries()].filter(([, line]) => isDone(line)));
  const previewed = job.request.confirmationToken !== undefined;
  const around = surroundings(deps, store, ctx, claim.id, { count, previewed });
  const plan = await type.plan(intent, around, done);
  if (job.undoes !== null && earlier !== null) assertSameLines(plan, earlier);
  confirmation.assertFits(plan, earlier);
  await reached(deps, 'planned', claim.id);
  if (ctx.signal.aborted) throw cancellation(ctx.signal);
  const { id } = confirmation;
  return { job, ctx, deps, type, store, claim, locks, earlier, done, plan, confirmation: id, count };
}

/** An inverse is made of what the ledger holds by now: more than it held when a part of it was done, perhaps. */
function assertSameLines({ lines }: Plan, earlier: Images): void {
  const targets = earlier.lines.map(({ target }) => target);
  const isSame = lines.every(({ target }, index) => {
    const before = targets[index];
    return target.kind === before?.kind && target.id === before.id;
  });
  if (isSame && lines.length === targets.length) return;
  throw new AppError(
    'conflict',
    'There is more to the change that is taken back than when this undo was begun. Nothing more was sent.',
    { hint: 'Undo it with a new idempotency_key.' },
  );
}

async function sent<K extends ChangeKind>(run: ClaimedRun<K>, hold: Hold): Promise<ChangeAnswer> {
  try {
    const { answer, settled } = await carryOut(run);
    if (settled) await hold.unlock();
    return answer;
  } catch (thrown) {
    if (thrown instanceof NothingSent) {
      await hold.giveUp();
      throw thrown.reason;
    }
    if (!(thrown instanceof RefusedAndRecorded)) throw thrown;
    await hold.unlock();
    throw thrown.refusal;
  }
}

/** A row that an earlier run has left is closed with what was found now; without one, none stays. */
async function nothingToDo<K extends ChangeKind>(run: ClaimedRun<K>, hold: Hold): Promise<ChangeAnswer> {
  const { job, plan, earlier, deps, claim, type, count } = run;
  const { kind, store } = job.request;
  const remarks = [...job.remarks, ...plan.remarks];
  let recorded = true;
  if (earlier === null) await hold.giveUp();
  else {
    const { lines, version = earlier.version } = plan;
    const records = { ...earlier.records, ...plan.records };
    const images = { ...earlier, lines, version, records, remarks, open: null };
    const closing = { state: stateOf(lines), images, resumable: isResumable(lines), refunded: null };
    recorded = await recordedly(deps, () => deps.ledger.close(claim, closing));
    await hold.unlock();
  }
  return answerOf({
    kind,
    store,
    changeId: earlier === null ? null : claim.id,
    lines: plan.lines,
    version: plan.version,
    undoable: earlier !== null && type.undoable,
    remarks,
    apiCalls: count.calls,
    recorded,
  });
}

/** What a run holds in the ledger: its claim, and the locks on what it changes. */
class Hold {
  readonly claim: Claim;
  readonly locks: readonly string[];
  readonly #deps: EngineDeps;

  constructor(deps: EngineDeps, claim: Claim, locks: readonly string[]) {
    this.#deps = deps;
    this.claim = claim;
    this.locks = locks;
  }

  /** Waits while the call has time to spare. @throws AppError `in_progress`, `cancelled`, `shutting_down` */
  async lock({ signal, deadlineAt, draining }: ChangeContext): Promise<void> {
    const { ledger, monotonic, leaseMs, sleep } = this.#deps;
    // A claim that has waited for long would have no lease left to work in.
    const until = Math.min(deadlineAt - WRITE_NEEDS_MS, monotonic() + leaseMs / 2);
    let ending: AbortSignal | undefined;
    while (!(await ledger.lock(this.claim, this.locks))) {
      const pauseMs = this.#pauseMs();
      if (monotonic() + pauseMs > until) {
        throw new AppError('in_progress', undefined, {
          retryAfterS: LOCKED_RETRY_S,
          hint: `Wait ${LOCKED_RETRY_S} seconds, then make the same call again.`,
        });
      }
      ending ??= draining === undefined ? signal : AbortSignal.any([signal, draining]);
      try {
        await sleep(pauseMs, ending, 'lock');
      } catch (thrown) {
        throw ending.aborted ? endOf(signal) : thrown;
      }
    }
  }

  async unlock(): Promise<void> {
    await this.#deps.ledger.unlock(this.claim, this.locks);
    await reached(this.#deps, 'unlocked', this.claim.id);
  }

  /** Nothing was sent: nothing stays. A claim that cannot be removed now ends with its lease. */
  async giveUp(): Promise<void> {
    await this.#deps.ledger.abandon(this.claim).catch(this.#deps.onFailure);
    await this.unlock();
  }

  #pauseMs(): number {
    const share = (this.#deps.random(1)[0] ?? 0) / 255;
    return POLL_FROM_MS + share * (POLL_TO_MS - POLL_FROM_MS);
  }
}

/** Of a wait that the caller has ended, or else the server going down. */
const endOf = (caller: AbortSignal): AppError =>
  caller.aborted ? cancellation(caller) : new AppError('shutting_down', undefined, { retryAfterS: 1 });
