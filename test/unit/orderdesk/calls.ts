/** Calls for the tests of what wraps `Send`, and a clock that only moves when it is told. */
import { AppError, type ErrorCode } from '../../../src/errors.js';
import type { Send, UpstreamCall, UpstreamReply } from '../../../src/orderdesk/call.js';
import { storeEntry } from './records.js';

export const aCall = (change: Partial<UpstreamCall> = {}): UpstreamCall => ({
  method: 'GET',
  route: '/orders',
  account: { kind: 'kept', store: storeEntry() },
  signal: new AbortController().signal,
  ...change,
});

export const OK: UpstreamReply = { body: { status: 'success' }, tookMs: 0, tokensRemaining: undefined };

export class TestClock {
  #ms: number;

  constructor(ms = 1_000_000) {
    this.#ms = ms;
  }

  readonly now = (): number => this.#ms;

  pass(ms: number): void {
    this.#ms += ms;
  }
}

/** How one call goes: refused before its first byte, answered with a status, or gone without an answer. */
export interface Step {
  readonly throws?: AppError | ErrorCode;
  readonly sent?: boolean;
  readonly status?: number;
}

export const answered = (status: number, throws?: AppError | ErrorCode): Step => ({
  sent: true,
  status,
  ...(throws === undefined ? {} : { throws }),
});
export const lost = (throws: AppError | ErrorCode): Step => ({ sent: true, throws });
export const unsent = (throws: AppError | ErrorCode): Step => ({ throws });
export const RATE_LIMITED = answered(
  429,
  new AppError('upstream_rate_limited', undefined, { retryAfterS: 2 }),
);

/** Goes through `steps`, one for each call; the last one stays. */
export function scripted(...steps: readonly Step[]): { readonly send: Send; readonly calls: UpstreamCall[] } {
  const calls: UpstreamCall[] = [];
  const send: Send = async (call) => {
    const step = steps[Math.min(calls.length, steps.length - 1)] ?? {};
    calls.push(call);
    if (step.sent === true) call.onDeparture?.();
    if (step.status !== undefined) {
      call.onReply?.({ status: step.status, tokensRemaining: undefined, retryAfterS: undefined });
    }
    if (step.throws !== undefined) {
      throw typeof step.throws === 'string' ? new AppError(step.throws) : step.throws;
    }
    return OK;
  };
  return { send, calls };
}
