/** The shared Redis with every question to it on the account of whoever asks. */
import type { SharedRedis } from './shared-redis.js';

/** @param waiting waits for work on somebody's account */
export const waitedRedis = (
  shared: SharedRedis,
  waiting: <T>(work: () => Promise<T>) => Promise<T>,
): SharedRedis => ({
  get state() {
    return shared.state;
  },
  ask: (work) => waiting(() => shared.ask(work)),
  run: (...question) => waiting(() => shared.run(...question)),
  runForBytes: (...question) => waiting(() => shared.runForBytes(...question)),
  onChange: (listener) => shared.onChange(listener),
  close: () => shared.close(),
});
