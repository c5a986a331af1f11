import { cancellation } from '../errors.js';
import { timeoutError } from './failures.js';

/**
 * Runs `work` under the caller's signal and a bound of its own, and names which of the two ended it.
 * @throws AppError `upstream_timeout` after `timeoutMs`; the reason of `signal`, or `cancelled`; what `work` throws
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw cancellation(signal);
  const controller = new AbortController();
  const leave = (): void => controller.abort(cancellation(signal));
  const timer = setTimeout(() => controller.abort(timeoutError()), timeoutMs);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await work(controller.signal);
  } catch (thrown) {
    // However the transport words an abort, the reason is what ended the call.
    throw controller.signal.aborted ? controller.signal.reason : thrown;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
}
