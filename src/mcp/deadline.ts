/** The time one call may take, as a signal whose reason is the error that the caller gets. */
import { AppError } from '../errors.js';

export interface Deadline {
  readonly signal: AbortSignal;
  /** When the time is up, in milliseconds of `performance.now`. */
  readonly at: number;
  /** Frees the timer; to be called when the call is over. */
  clear(): void;
}

/** @param ms milliseconds from now */
export function startDeadline(ms: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      new AppError('upstream_timeout', `The call took longer than ${ms / 1000} seconds and was given up.`, {
        hint: 'Ask for less (a smaller limit, a narrower date range), or try again.',
      }),
    );
  }, ms);
  return { signal: controller.signal, at: performance.now() + ms, clear: () => clearTimeout(timer) };
}
