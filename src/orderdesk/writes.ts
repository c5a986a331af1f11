/** Writes to Order Desk: sent once, and told what became of each. */
import { AppError, toAppError } from '../errors.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { Send } from './call.js';
import type { CallContext } from './port.js';
import { outcomeOf, type WriteOutcome, WriteTrace } from './write-outcome.js';
import { checkOf, idsOf, type WriteRequest } from './write-request.js';

export interface OrderDeskWrites {
  /**
   * The signal ends the waiting before the write begins; from its first byte on it is not listened to.
   * Never rejects. Of a batch, `applied` says only that Order Desk has taken it: its answer tells of each line.
   * What `failed` may carry: `cancelled`, `store_busy`, `shutting_down`, `rate_budget_exhausted`, `invalid_argument`,
   * `not_found`, `upstream_*`, and what the credential source throws.
   */
  write(store: StoreEntry, request: WriteRequest, ctx: CallContext): Promise<WriteOutcome>;
}

export interface WritesOptions {
  readonly send: Send;
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number;
}

const ID = /^[1-9]\d{0,18}$/;

export function createWrites({ send, wallClock = Date.now }: WritesOptions): OrderDeskWrites {
  return {
    async write(store, request, ctx) {
      // Anything else could make another address of it.
      if (!idsOf(request).every((id) => ID.test(id))) return { outcome: 'failed', error: notAnId() };
      const trace = new WriteTrace();
      const check = checkOf(request, new Date(wallClock()));
      const { method, route } = request;
      try {
        const { body } = await send({
          method,
          route,
          ...('ids' in request ? { ids: request.ids } : {}),
          ...('body' in request ? { body: request.body } : {}),
          account: { kind: 'kept', store },
          signal: ctx.signal,
          ...(ctx.deadlineAt === undefined ? {} : { deadlineAt: ctx.deadlineAt }),
          ...(ctx.priority === undefined ? {} : { priority: ctx.priority }),
          ...(ctx.principal === undefined ? {} : { lane: ctx.principal.kid }),
          onDeparture: trace.onDeparture,
          onReply: trace.onReply,
        });
        return { outcome: 'applied', body };
      } catch (error) {
        return outcomeOf(toAppError(error), trace, request, check);
      }
    },
  };
}

const notAnId = (): AppError =>
  new AppError('invalid_argument', 'An id of Order Desk is a whole number.', { field: 'id' });
