/** The time one call may take, as a signal whose reason is the error that the caller gets. */
import { AppError } from '../errors.js';

export interface Deadline {
  readonly signal: AbortSignal;
  /** When the time is up, in milliseconds of `performance.now`. */
  readonly at: number;
  /** Frees the timer; to be called when the call is over. */
  clear(): void;
}

/**
 * @param ms milliseconds from now
 * @param cutOff ends every call with its reason, whatever time is left
 */
export function startDeadline(ms: number, cutOff?: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      new AppError('upstream_timeout', `The call took longer than ${ms / 1000} seconds and was given up.`, {
        hint: 'Ask for less (a smaller limit, a narrower date range), or try again.',
      }),
    );
  }, ms);
  const end = () => controller.abort(cutOff?.reason);
  if (cutOff?.aborted === true) end();
  else cutOff?.addEventListener('abort', end, { once: true });
  return {
    signal: controller.signal,
    at: performance.now() + ms,
    clear() {
      clearTimeout(timer);
      cutOff?.removeEventListener('abort', end);
    },
  };
}
