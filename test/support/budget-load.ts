/** Calls of `get_order` that cost a request each, spread over replicas as a balancer does, and what became of them. */
import { setTimeout as pause } from 'node:timers/promises';
import { callTool } from './call-tool.js';

/** A request as the sandbox saw it. */
export interface Arrival {
  readonly store: string;
  readonly at: number;
}

export interface Refusal {
  readonly code: string;
  readonly retryAfterS: number | undefined;
}

export interface LoadCall {
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly refusal: Refusal | undefined;
}

export interface Load {
  /** No call begins from now on; those under way are waited for. */
  stop(): Promise<readonly LoadCall[]>;
}

interface LoadOptions {
  /** Of the replicas; each call goes to the next. */
  readonly urls: readonly string[];
  readonly key: string;
  /** Each is read in its turn. */
  readonly orderIds: readonly string[];
}

/** Calls at a steady rate, whatever becomes of them. */
export function steadyLoad(options: LoadOptions & { readonly perSecond: number }): Load {
  const call = caller(options);
  const stopped = new AbortController();
  const calls: Promise<LoadCall>[] = [];
  const startedAt = performance.now();
  const going = (async () => {
    while (!stopped.signal.aborted) {
      calls.push(call());
      const due = startedAt + (calls.length * 1_000) / options.perSecond;
      await pause(Math.max(0, due - performance.now()));
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await going;
      return Promise.all(calls);
    },
  };
}

/** So many agents at once, each with the next call as soon as it has an answer, even one that told it to wait. */
export function overload(options: LoadOptions & { readonly agents: number }): Load {
  const call = caller(options);
  const stopped = new AbortController();
  const calls: LoadCall[] = [];
  const going = Promise.all(
    Array.from({ length: options.agents }, async () => {
      while (!stopped.signal.aborted) {
        const done = await call();
        calls.push(done);
        // One that is refused at once shall not spin.
        if (done.refusal !== undefined) await pause(500);
      }
    }),
  );
  return {
    async stop() {
      stopped.abort();
      await going;
      return calls;
    },
  };
}

function caller({ urls, key, orderIds }: LoadOptions): () => Promise<LoadCall> {
  let turn = 0;
  return async () => {
    turn += 1;
    const url = urls[turn % urls.length] ?? '';
    const order_id = orderIds[turn % orderIds.length] ?? '';
    const startedAt = performance.now();
    const { error, result, text } = await callTool(url, key, 'get_order', { order_id });
    const refusal = result === undefined ? { code: text, retryAfterS: undefined } : refusalOf(error);
    return { startedAt, endedAt: performance.now(), refusal };
  };
}

function refusalOf(error: { readonly code: string } | undefined): Refusal | undefined {
  if (error === undefined) return undefined;
  const told = 'retry_after_s' in error ? error.retry_after_s : undefined;
  return { code: error.code, retryAfterS: typeof told === 'number' ? told : undefined };
}
