/** The claim of a call: a new one, or what an earlier call with the same key has left. */
import { AppError, cancellation } from '../errors.js';
import { newId } from '../tenancy/ids.js';
import { WRITE_NEEDS_MS } from './admission.js';
import { answerOf, storedAnswer } from './answer.js';
import type { Verdict } from './change-type.js';
import type { Claim, Images, StoredChange } from './ledger.js';
import { isResumable } from './outcomes.js';
import type { ChangeAnswer, ChangeContext, ChangeKind } from './port.js';
import { recordedly } from './recordedly.js';
import type { EngineDeps, Job } from './run.js';
import {
  closingOf,
  isConclusive,
  linesAfter,
  look,
  type Settleable,
  settleable,
  together,
} from './settle.js';
import { CallCount } from './surroundings.js';
import { undoneMeanwhile } from './undone.js';

/** Kept for the second look and for closing, in milliseconds. */
const SECOND_LOOK_MS = 2_000;

export type Taken =
  | { readonly kind: 'claim'; readonly claim: Claim; readonly earlier: Images | null }
  | { readonly kind: 'answer'; readonly answer: ChangeAnswer };

/**
 * @throws AppError `invalid_argument` (the key was used with other arguments), `in_progress`, `conflict` (it was taken back
 *   meanwhile), `cancelled`, `storage_unavailable`, the refusal that the earlier call met
 */
export async function takeClaim<K extends ChangeKind>(
  deps: EngineDeps,
  job: Job<K>,
  ctx: ChangeContext,
  changeId: string,
): Promise<Taken> {
  const { request, fingerprint, undoes } = job;
  const claimed = await deps.ledger.claim({
    id: changeId,
    tenantId: ctx.principal.tenantId,
    owner: newId(deps.now, deps.random),
    store: request.store,
    principal: ctx.principal,
    client: ctx.client ?? null,
    tool: request.tool,
    kind: request.kind,
    idempotencyKey: request.idempotencyKey,
    fingerprint,
    undoes,
  });
  switch (claimed.met) {
    case 'taken':
      return { kind: 'claim', claim: claimed.claim, earlier: claimed.images };
    case 'final':
      return { kind: 'answer', answer: storedAnswer(claimed.change, request.store, deps.types) };
    case 'other_arguments':
      throw new AppError('invalid_argument', 'This idempotency_key was used with other arguments.', {
        field: 'idempotency_key',
        hint: 'Use a new key for a new change.',
      });
    case 'undone':
      throw undoneMeanwhile(claimed.by);
    case 'in_progress':
      throw new AppError('in_progress', 'A call with this idempotency_key is still at work.', {
        retryAfterS: claimed.retryAfterS,
        hint: `Wait ${claimed.retryAfterS} seconds, then make the same call again.`,
      });
    case 'to_settle': {
      const answer = await settleNow(deps, claimed.change, claimed.claim, request.store, ctx);
      return answer === undefined
        ? takeClaim(deps, job, ctx, newId(deps.now, deps.random))
        : { kind: 'answer', answer };
    }
  }
}

/** @returns `undefined` where the call can go on with what was not carried out */
async function settleNow(
  deps: EngineDeps,
  change: StoredChange,
  claim: Claim,
  store: Settleable['store'],
  ctx: ChangeContext,
): Promise<ChangeAnswer | undefined> {
  const count = new CallCount();
  const sent = settleable(change, store);
  if (sent === undefined) return storedAnswer({ ...change, state: 'unknown' }, store, deps.types);
  const { verdicts, isFinal } = await looked(deps, sent, ctx, count);
  if (!isFinal) {
    const lines = linesAfter(
      sent.images,
      verdicts.filter(({ found }) => found === 'applied'),
    );
    return {
      ...answerOf({
        kind: change.kind,
        store,
        changeId: change.id,
        lines,
        version: undefined,
        undoable: false,
        remarks: sent.images.remarks,
        apiCalls: count.calls,
      }),
      replayed: true,
    };
  }
  const closing = closingOf(sent, verdicts);
  const recorded = await recordedly(deps, () => deps.ledger.close(claim, closing));
  const hasTime = deps.monotonic() + WRITE_NEEDS_MS <= ctx.deadlineAt;
  if (recorded && isResumable(closing.images.lines) && hasTime) return undefined;
  const stored = storedAnswer(
    { ...change, state: closing.state, images: closing.images },
    store,
    deps.types,
    count.calls,
  );
  return { ...stored, recorded };
}

/** As far as the time of the call goes; a look that fails has seen nothing. */
async function looked(
  deps: EngineDeps,
  sent: Settleable,
  ctx: ChangeContext,
  count: CallCount,
): Promise<{ readonly verdicts: readonly Verdict[]; readonly isFinal: boolean }> {
  let seen: readonly Verdict[] = [];
  try {
    seen = await look(deps, sent, ctx, count);
    if (isConclusive(sent, seen)) return { verdicts: seen, isFinal: true };
    if (deps.monotonic() + deps.gapMs + SECOND_LOOK_MS > ctx.deadlineAt) {
      return { verdicts: seen, isFinal: false };
    }
    await deps.sleep(deps.gapMs, ctx.signal, 'upstream');
    return { verdicts: together(seen, await look(deps, sent, ctx, count)), isFinal: true };
  } catch (error) {
    if (ctx.signal.aborted) throw cancellation(ctx.signal);
    deps.onFailure(error);
    return { verdicts: seen, isFinal: false };
  }
}
