import { cancellation } from '../errors.js';

/**
 * The result, or a rejection as soon as the signal ends, whatever the work behind the result does then.
 * @throws the reason of `signal` if it is an AppError, else AppError `cancelled`
 */
export function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const leave = (): void => reject(cancellation(signal));
    const stay = (): void => signal.removeEventListener('abort', leave);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    result.then(resolve, reject).then(stay, stay);
  });
}
