/**
 * The engine put together. It keeps nothing but which writes are under way: all that must survive this process stands in
 * the ledger.
 */
import { createHash } from 'node:crypto';
import { toAppError } from '../errors.js';
import { canonicalJson } from '../orders/canonical.js';
import type { TenantId } from '../tenancy/ids.js';
import type { ChangeEvent, EngineOptions } from './engine-options.js';
import type { ChangeAnswer, ChangeContext, ChangeEngine, ChangeKind, ChangeRequest } from './port.js';
import type { EngineDeps, Job } from './run.js';
import { runChange } from './run-change.js';
import { type SettledOutcome, settleByHand } from './settle-by-hand.js';
import { sweep } from './sweeper.js';
import { inverseOf } from './undo.js';

export interface Engine extends ChangeEngine {
  /**
   * Finishes changes whose owners are gone, a few at a time, and waits `gapMs` where it has to look twice.
   * @returns how many it finished @throws AppError `storage_unavailable`; what `sleep` throws once the signal ends
   */
  sweep(signal?: AbortSignal): Promise<number>;
  /**
   * For a person who has found out what became of a change.
   * @throws AppError `not_found`, `conflict` (its outcome is known), `in_progress` (somebody is at work on it)
   */
  settle(tenantId: TenantId, changeId: string, outcome: SettledOutcome): Promise<void>;
  /** Resolves when no call of this process holds a claim, whether or not anybody still waits for its answer. */
  idle(): Promise<void>;
}

export function createChangeEngine(options: EngineOptions): Engine {
  const underWay = new Set<Promise<unknown>>();
  const deps: EngineDeps = {
    ...options,
    onFailure: options.onFailure ?? (() => {}),
    underWay(work) {
      const kept = work.finally(() => underWay.delete(kept));
      underWay.add(kept);
      return kept;
    },
  };

  async function observed<K extends ChangeKind>(job: Job<K>, ctx: ChangeContext): Promise<ChangeAnswer> {
    const { tool, kind, dryRun } = job.request;
    const startedAt = deps.monotonic();
    const tell = (outcome: ChangeEvent['outcome']): void => {
      if (!dryRun) deps.observe?.({ tool, kind, outcome, durationMs: deps.monotonic() - startedAt });
    };
    try {
      const answer = await runChange(deps, job, ctx);
      tell(answer.replayed ? 'replayed' : answer.outcome);
      return answer;
    } catch (thrown) {
      tell(toAppError(thrown).code);
      throw thrown;
    }
  }

  return {
    run: (request, ctx) =>
      observed(
        { request, fingerprint: fingerprintOf(request), undoes: null, confirm: false, remarks: [] },
        ctx,
      ),
    async undo(request, ctx) {
      const inverse = await inverseOf(deps, request, ctx);
      return observed({ ...inverse, fingerprint: fingerprintOf(inverse.request) }, ctx);
    },
    async list(principal, filter) {
      const { entries, hasMore } = await options.ledger.list(principal, filter);
      // The ledger knows what became of a change, the kind whether it can be taken back at all.
      const judged = entries.map((entry) => ({
        ...entry,
        undoable: entry.undoable && options.types[entry.kind].undoable,
      }));
      return { entries: judged, hasMore };
    },
    sweep: (signal = new AbortController().signal) => sweep(deps, signal),
    settle: (tenantId, changeId, outcome) => settleByHand(deps, tenantId, changeId, outcome),
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

/** What an idempotency key and a confirmation stand for. */
const fingerprintOf = <K extends ChangeKind>({ store, tool, args }: ChangeRequest<K>): string =>
  createHash('sha256')
    .update(canonicalJson({ store: store.rowId, tool, args }))
    .digest('hex');
