/**
 * The budget that all replicas share. While Redis is away each replica hands out its share by itself, starting low,
 * and tells Redis with its first question afterwards how little it thinks is left, so neither change gives a burst.
 *
 * Nor does a Redis that forgets: what a replica last saw of a bucket goes with each question, and counts for the bucket
 * that took the place of the one it knew.
 */
import { LRUCache } from 'lru-cache';
import { RedisTrouble, type Script, type SharedRedis } from '../../redis/shared-redis.js';
import {
  type Budget,
  type BudgetLimits,
  type BudgetView,
  ORDER_DESK_BUDGET,
  type Priority,
  type Reservation,
  type Token,
} from '../budget.js';
import { LastSeen } from './last-seen.js';
import { LOCAL_BUDGETS_HELD, LocalBudgets } from './local-budgets.js';
import { free, partOf, rulesOf, START_TOKENS } from './rules.js';
import { GIVE_BACK, OBSERVE, PAUSE, PEEK, RESERVE } from './script.js';

export interface RedisBudgetOptions {
  readonly shared: SharedRedis;
  /** The part of the budget that this process keeps to while Redis is away: 1 by the number of replicas. */
  readonly share: number;
  readonly limits?: BudgetLimits;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** Buckets remembered at most for the time without Redis. */
  readonly held?: number;
  /** Microseconds since the epoch in the place of the clock of Redis. For tests. */
  readonly sharedTime?: () => number;
}

const KEY_PREFIX = 'odm:budget:';

export function createRedisBudget(options: RedisBudgetOptions): Budget {
  const { shared, share, limits = ORDER_DESK_BUDGET, held = LOCAL_BUDGETS_HELD, sharedTime } = options;
  const now = options.now ?? (() => performance.now());
  const rules = rulesOf(limits);
  const local = new LocalBudgets(rulesOf(limits, share), now, held);
  const seen = new LRUCache<string, LastSeen>({ max: held });
  const returned = new WeakSet<Token>();

  const run = (script: Script, bucket: string, args: readonly number[]) =>
    shared.run(
      script,
      [KEY_PREFIX + bucket],
      [rules.interval, rules.capacity, sharedTime?.() ?? '', ...args],
    );

  function seenOf(bucket: string): LastSeen {
    const known = seen.get(bucket);
    if (known !== undefined) return known;
    const first = new LastSeen(limits, now);
    seen.set(bucket, first);
    return first;
  }

  async function reserveShared(bucket: string, priority: Priority): Promise<Reservation> {
    const memory = seenOf(bucket);
    const alone = local.knowledge(bucket);
    const { token, waitMs, sight } = answerOf(
      await run(RESERVE, bucket, [
        rules.needs[priority].alone,
        rules.needs[priority].foreign,
        tokensToLevel(memory.startTokens),
        alone === undefined ? -1 : tokensToLevel(Math.min(START_TOKENS, alone.tokens)),
        Math.ceil((alone?.pauseMs ?? 0) * 1_000),
        memory.epoch,
        memory.tokens === undefined ? -1 : tokensToLevel(memory.tokens),
        Math.ceil(memory.pauseMs * 1_000),
      ]),
    );
    memory.saw(sight);
    // Unless more was handed out here while Redis was asked, it knows all now.
    if (alone !== undefined && local.knowledge(bucket)?.taken === alone.taken) local.forget(bucket);
    return waitMs > 0 ? { granted: false, waitMs } : { granted: true, token };
  }

  const tokensToLevel = (tokens: number): number => Math.floor(tokens * rules.interval);

  function answerOf(answer: unknown) {
    const [waitUs, epoch, takenAt, level, pauseUs] = numbersOf(answer);
    const tokens = level / rules.interval;
    return {
      token: { epoch: `${epoch}`, takenAt, left: tokens },
      waitMs: Math.ceil(waitUs / 1_000),
      sight: { epoch, tokens, pauseMs: pauseUs / 1_000 },
    };
  }

  /** Makes the bucket known here, as low as anything this process knows of it. */
  function startLocal(bucket: string): void {
    if (local.knowledge(bucket) !== undefined) return;
    const memory = seenOf(bucket);
    local.startAt(bucket, share * memory.startTokens);
    if (memory.pauseMs > 0) local.pause(bucket, memory.pauseMs);
  }

  async function peekShared(bucket: string): Promise<BudgetView> {
    const memory = seen.peek(bucket) ?? new LastSeen(limits, now);
    const alone = local.peek(bucket);
    const answer = await run(PEEK, bucket, [tokensToLevel(memory.startTokens)]);
    const [isForeign, , , level, pauseUs] = numbersOf(answer);
    // What was handed out without Redis it learns with the next reservation.
    const known = alone === undefined ? level : Math.min(level, tokensToLevel(alone.tokens));
    return {
      mode: 'shared',
      tokens: free(known, rules, isForeign === 1) / rules.interval,
      ...partOf(limits),
      pauseMs: Math.max(pauseUs / 1_000, alone?.pauseMs ?? 0),
    };
  }

  function peekLocal(bucket: string): BudgetView {
    const alone = local.peek(bucket);
    const memory = seen.peek(bucket) ?? new LastSeen(limits, now);
    const pauseMs = alone?.pauseMs ?? memory.pauseMs;
    const tokens = alone?.free ?? (pauseMs > 0 ? 0 : share * memory.startTokens);
    return { mode: 'local', tokens, ...partOf(limits, share), pauseMs };
  }

  /** What `ask` gives, or `alone` does where Redis cannot be asked. */
  async function sharedOr<T>(ask: () => Promise<T>, alone: () => T): Promise<T> {
    if (shared.state === 'away') return alone();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RedisTrouble)) throw error;
      return alone();
    }
  }

  return {
    get mode() {
      return shared.state === 'away' ? 'local' : 'shared';
    },
    reserve: (bucket, priority) =>
      sharedOr(
        () => reserveShared(bucket, priority),
        () => {
          startLocal(bucket);
          return local.reserve(bucket, priority);
        },
      ),
    async observe(bucket, token, remaining) {
      seenOf(bucket).said(remaining);
      if (isLocal(token)) return local.observe(bucket, token, remaining);
      // Most answers hold no news, and need no question.
      if (remaining > token.left - 1) return false;
      const ask = () => run(OBSERVE, bucket, [Number(token.epoch), token.takenAt, remaining]);
      return (await sharedOr(ask, () => 0)) === 1;
    },
    async pause(bucket, ms) {
      seenOf(bucket).paused(ms);
      await sharedOr<unknown>(
        () => run(PAUSE, bucket, [Math.ceil(ms * 1_000)]),
        () => {
          startLocal(bucket);
          local.pause(bucket, ms);
        },
      );
    },
    async giveBack(bucket, token) {
      if (returned.has(token)) return;
      returned.add(token);
      if (isLocal(token)) local.giveBack(bucket, token);
      else
        await sharedOr<unknown>(
          () => run(GIVE_BACK, bucket, [Number(token.epoch)]),
          () => undefined,
        );
    },
    peek: (bucket) =>
      sharedOr(
        () => peekShared(bucket),
        () => peekLocal(bucket),
      ),
    async close() {
      local.clear();
      seen.clear();
    },
  };
}

const isLocal = (token: Token): boolean => token.epoch.startsWith('local:');

type Numbers = [number, number, number, number, number];

function numbersOf(answer: unknown): Numbers {
  const numbers: unknown[] = Array.isArray(answer) ? answer : [];
  const [a, b, c, d, e] = numbers.map((value) => (Number.isSafeInteger(value) ? Number(value) : undefined));
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined) {
    throw new Error('the budget script gave an answer of another form');
  }
  return [a, b, c, d, e];
}
