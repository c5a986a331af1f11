/** Work whose answer is good for a while, however many ask. */

/**
 * Does the work when there is no answer or it is too old, once for all who ask meanwhile. What fails is not kept.
 * @param maxAgeMs how long an answer is given again
 * @param now milliseconds on a clock that never goes back
 */
export function cachedFor<T>(maxAgeMs: number, work: () => Promise<T>, now: () => number): () => Promise<T> {
  let kept: { readonly value: T; readonly at: number } | undefined;
  let running: Promise<T> | undefined;
  const renew = async (): Promise<T> => {
    const value = await work();
    kept = { value, at: now() };
    return value;
  };
  return async () => {
    if (kept !== undefined && now() - kept.at < maxAgeMs) return kept.value;
    running ??= renew().finally(() => {
      running = undefined;
    });
    return running;
  };
}
