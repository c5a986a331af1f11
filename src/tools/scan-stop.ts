/** Waiting that ends with a call: at once when the caller is gone or the server shuts down, in time when time runs out. */
import { cancellation } from '../errors.js';

export const STOPPED = Symbol('stopped');

/** Longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * What `work` comes to, or STOPPED after `ms` or with the end of `draining`; what `work` does later goes unseen.
 * @param ms milliseconds; `Infinity` to wait for as long as it takes
 * @param draining as in `CallContext`
 * @throws AppError the reason of the signal once it ends; what `work` throws
 */
export function untilStopped<T>(
  work: Promise<T>,
  signal: AbortSignal,
  ms: number,
  draining?: AbortSignal,
): Promise<T | typeof STOPPED> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return Promise.reject(cancellation(signal));
  }
  if (draining?.aborted === true) {
    work.catch(() => undefined);
    return Promise.resolve(STOPPED);
  }
  return new Promise((resolve, reject) => {
    const stop = () => settle(() => resolve(STOPPED));
    const timer = ms > LONGEST_TIMER_MS ? undefined : setTimeout(stop, Math.max(0, ms));
    const end = () => settle(() => reject(cancellation(signal)));
    const settle = (answer: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      draining?.removeEventListener('abort', stop);
      answer();
    };
    signal.addEventListener('abort', end, { once: true });
    draining?.addEventListener('abort', stop, { once: true });
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
