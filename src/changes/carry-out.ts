/** The steps of a change, one after the other: pending, sent, closed. What is not reached is left for the same call. */
import { AppError, toAppError } from '../errors.js';
import { admit, WRITE_NEEDS_MS } from './admission.js';
import { answerOf, refusalOf } from './answer.js';
import type { Step } from './change-type.js';
import type { Closing, Images } from './ledger.js';
import { isResumable, notSent, stateOf, unknown, withLines } from './outcomes.js';
import type { ChangeAnswer, ChangeKind, ChangeLine } from './port.js';
import { recordedly } from './recordedly.js';
import { type ClaimedRun, reached } from './run.js';
import { type StepResult, sendStep } from './send-step.js';

/** What has to be left of a call's time for one more step, in milliseconds. */
const STEP_NEEDS_MS = WRITE_NEEDS_MS + 2_000;
/** Requests of one more step: itself, and a read that may complete its answer. */
const STEP_CALLS = 2;
const NOT_REACHED = 'This was not sent.';
const GOES_ON = `${NOT_REACHED} The same call with the same idempotency_key goes on with it.`;

interface Standing {
  lines: readonly ChangeLine[];
  version: string | undefined;
  recorded: boolean;
  remarks: readonly string[];
  check: string | undefined;
}

export interface CarriedOut {
  readonly answer: ChangeAnswer;
  /** False while something may still be on its way: then the locks hold until their lease ends. */
  readonly settled: boolean;
}

/**
 * @throws NothingSent what kept the first request back; the claim is the caller's to give up
 * @throws RefusedAndRecorded what Order Desk said to refuse the change as a whole
 */
export async function carryOut<K extends ChangeKind>(run: ClaimedRun<K>): Promise<CarriedOut> {
  const { plan, deps, claim } = run;
  const notReached = run.job.request.idempotencyKey === undefined ? NOT_REACHED : GOES_ON;
  const at: Standing = {
    lines: plan.steps.reduce<readonly ChangeLine[]>(
      (lines, step) => withLines(lines, step.lines, (line) => notSent(line, notReached)),
      plan.lines,
    ),
    version: plan.version,
    recorded: true,
    remarks: [...run.job.remarks, ...plan.remarks],
    check: undefined,
  };
  for (const [number, step] of plan.steps.entries()) {
    const isLast = number === plan.steps.length - 1;
    const images = imagesOf(
      run,
      at,
      withLines(at.lines, step.lines, (line) => unknown(line)),
      step,
    );
    const pendingSince = deps.monotonic();
    try {
      await toPending(run, step, images);
    } catch (thrown) {
      if (number === 0) throw new NothingSent(thrown);
      at.lines = withLines(at.lines, step.lines, (line) => notSent(line, toAppError(thrown).ownWords));
      // What is done stands in the row; a database that is away leaves it to the end of its lease.
      await deps.ledger.abandon(claim).catch(deps.onFailure);
      break;
    }
    await reached(deps, 'pending', claim.id);
    const result = await sendStep(run, step, images, pendingSince);
    if (result.kind === 'held_back' && number === 0 && run.done.size === 0) {
      throw new NothingSent(result.error);
    }
    at.lines = result.lines;
    if (result.kind === 'lost') {
      // The version of before may not be true any more.
      const lost = { ...at, version: undefined, check: result.check };
      return { answer: answer(run, lost), settled: false };
    }
    if (result.kind === 'answered') {
      at.version = result.version;
      at.remarks = [...new Set([...at.remarks, ...result.remarks])];
    }
    await reached(deps, 'answered', claim.id);
    const goesOn = !isLast && result.kind !== 'held_back' && (await isRoomForMore(run));
    at.recorded = await close(run, closingOf(run, at, step, result, goesOn));
    if (at.recorded) await reached(deps, 'closed', claim.id);
    if (result.kind === 'refused' && result.asAWhole !== undefined) {
      throw new RefusedAndRecorded(result.asAWhole);
    }
    if (!goesOn || !at.recorded) break;
  }
  return { answer: answer(run, at), settled: true };
}

/** Proven: nothing has left. Whatever else ends a run after its claim is pending leaves the row to the sweeper. */
export class NothingSent extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('nothing was sent', { cause: reason });
    this.reason = reason;
  }
}

/** Its claim is closed already: only the locks are left to be given back. */
export class RefusedAndRecorded extends Error {
  readonly refusal: AppError;

  constructor(refusal: AppError) {
    super('refused by Order Desk', { cause: refusal });
    this.refusal = refusal;
  }
}

const toPending = <K extends ChangeKind>(
  { deps, ctx, claim, locks, type, plan, confirmation }: ClaimedRun<K>,
  step: Step,
  images: Images,
): Promise<void> =>
  deps.ledger.toPending(claim, {
    images,
    locks,
    effects: type.effects({ ...plan, steps: [step] }),
    cap: ctx.principal.scope.dailyWriteCap,
    // Of all steps: it may be brought again by the change that used it.
    confirmation,
  });

function imagesOf<K extends ChangeKind>(
  { plan, earlier }: ClaimedRun<K>,
  { version, remarks }: Standing,
  lines: readonly ChangeLine[],
  open: Step | null,
): Images {
  return {
    lines,
    records: { ...earlier?.records, ...plan.records },
    open: open === null ? null : { lines: open.lines, probe: open.probe },
    // Of what may have been sent, the version that it leads to is not known yet.
    version: open === null ? (version ?? null) : null,
    remarks,
  };
}

function closingOf<K extends ChangeKind>(
  run: ClaimedRun<K>,
  at: Standing,
  step: Step,
  result: StepResult,
  goesOn: boolean,
): Closing {
  const refusal =
    result.kind === 'refused' && result.asAWhole !== undefined ? refusalOf(result.asAWhole) : undefined;
  const effects = run.type.effects({ ...run.plan, steps: [step] });
  const without = step.lines.filter(({ index }) => {
    const outcome = at.lines[index]?.outcome;
    return outcome === 'failed' || outcome === 'not_sent' || outcome === 'already';
  }).length;
  return {
    state: goesOn ? 'claimed' : stateOf(at.lines),
    images: {
      ...imagesOf(run, at, at.lines, null),
      ...(refusal === undefined ? {} : { refusal }),
    },
    resumable: isResumable(at.lines),
    refunded: without === step.lines.length ? effects : Math.min(without, effects),
  };
}

const close = <K extends ChangeKind>({ deps, claim }: ClaimedRun<K>, closing: Closing): Promise<boolean> =>
  recordedly(deps, () => deps.ledger.close(claim, closing));

async function isRoomForMore<K extends ChangeKind>({ ctx, deps, store }: ClaimedRun<K>): Promise<boolean> {
  if (ctx.signal.aborted || ctx.draining?.aborted === true) return false;
  if (deps.monotonic() + STEP_NEEDS_MS > ctx.deadlineAt) return false;
  try {
    await admit(deps, store, STEP_CALLS, ctx.deadlineAt);
    return true;
  } catch (thrown) {
    if (thrown instanceof AppError) return false;
    throw thrown;
  }
}

function answer<K extends ChangeKind>(run: ClaimedRun<K>, at: Standing): ChangeAnswer {
  const { job, store, claim, type, count } = run;
  return answerOf({
    kind: job.request.kind,
    store,
    changeId: claim.id,
    lines: at.lines,
    version: at.version,
    undoable: type.undoable,
    remarks: at.remarks,
    apiCalls: count.calls,
    recorded: at.recorded,
    check: at.check,
  });
}
