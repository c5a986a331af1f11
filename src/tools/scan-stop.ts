/** Waiting that ends with a call: at once when the caller is gone, in time when the call's time runs out. */
import { cancellation } from '../errors.js';

export const STOPPED = Symbol('stopped');

/** Longest time that a timer takes, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * What `work` comes to, or STOPPED after `ms`; what `work` does later goes unseen.
 * @param ms milliseconds; `Infinity` to wait for as long as it takes
 * @throws AppError the reason of the signal once it ends; what `work` throws
 */
export function untilStopped<T>(
  work: Promise<T>,
  signal: AbortSignal,
  ms: number,
): Promise<T | typeof STOPPED> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return Promise.reject(cancellation(signal));
  }
  return new Promise((resolve, reject) => {
    const timer =
      ms > LONGEST_TIMER_MS ? undefined : setTimeout(() => settle(() => resolve(STOPPED)), Math.max(0, ms));
    const end = () => settle(() => reject(cancellation(signal)));
    const settle = (answer: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      answer();
    };
    signal.addEventListener('abort', end, { once: true });
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
