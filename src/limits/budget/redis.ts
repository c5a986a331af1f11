/**
 * The budget that all replicas share. While Redis is away each replica hands out its share by itself, starting low,
 * and tells Redis with its first question afterwards how little it thinks is left, so neither change gives a burst.
 */
import { LRUCache } from 'lru-cache';
import { RedisTrouble, type Script, type SharedRedis } from '../../redis/shared-redis.js';
import {
  type Budget,
  type BudgetLimits,
  ORDER_DESK_BUDGET,
  type Priority,
  type Reservation,
  type Token,
} from '../budget.js';
import { LOCAL_BUDGETS_HELD, LocalBudgets } from './local-budgets.js';
import { HEAD_ROOM_TOKENS, rulesOf, START_TOKENS } from './rules.js';
import { GIVE_BACK, OBSERVE, PAUSE, RESERVE } from './script.js';

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

/** What this process last saw of a shared bucket. */
interface Seen {
  /** What it held at `at`, in milliseconds on this process's clock. */
  tokens: number;
  at: number;
  /** What Order Desk last said was left. */
  remaining: number;
  /** Milliseconds on this process's clock. */
  pausedUntil: number;
}

export function createRedisBudget(options: RedisBudgetOptions): Budget {
  const { shared, share, limits = ORDER_DESK_BUDGET, held = LOCAL_BUDGETS_HELD, sharedTime } = options;
  const now = options.now ?? (() => performance.now());
  const rules = rulesOf(limits);
  const local = new LocalBudgets(rulesOf(limits, share), now, held);
  const seen = new LRUCache<string, Seen>({ max: held });
  const returned = new WeakSet<Token>();

  const run = (script: Script, bucket: string, args: readonly number[]) =>
    shared.run(
      script,
      [KEY_PREFIX + bucket],
      [rules.interval, rules.capacity, sharedTime?.() ?? '', ...args],
    );

  function seenOf(bucket: string): Seen {
    const known = seen.get(bucket);
    if (known !== undefined) return known;
    const first = {
      tokens: START_TOKENS,
      at: now(),
      remaining: START_TOKENS + HEAD_ROOM_TOKENS,
      pausedUntil: 0,
    };
    seen.set(bucket, first);
    return first;
  }

  async function reserveShared(bucket: string, priority: Priority): Promise<Reservation> {
    const memory = seenOf(bucket);
    const alone = local.knowledge(bucket);
    const { tokens, token, waitMs, pauseMs } = answerOf(
      await run(RESERVE, bucket, [
        rules.needs[priority].alone,
        rules.needs[priority].foreign,
        tokensToLevel(startOf(memory)),
        alone === undefined ? -1 : tokensToLevel(Math.min(START_TOKENS, alone.tokens)),
        Math.ceil((alone?.pauseMs ?? 0) * 1_000),
      ]),
    );
    memory.tokens = tokens;
    memory.at = now();
    memory.pausedUntil = now() + pauseMs;
    // Unless more was handed out here while Redis was asked, it knows all now.
    if (alone !== undefined && local.knowledge(bucket)?.taken === alone.taken) local.forget(bucket);
    return waitMs > 0 ? { granted: false, waitMs } : { granted: true, token };
  }

  const tokensToLevel = (tokens: number): number => Math.floor(tokens * rules.interval);

  function answerOf(answer: unknown) {
    const [waitUs, epoch, takenAt, level, pauseUs] = numbersOf(answer);
    const tokens = level / rules.interval;
    return {
      tokens,
      token: { epoch: `${epoch}`, takenAt, left: tokens },
      waitMs: Math.ceil(waitUs / 1_000),
      pauseMs: pauseUs / 1_000,
    };
  }

  /** Makes the bucket known here, as low as anything this process knows of it. */
  function startLocal(bucket: string): void {
    if (local.knowledge(bucket) !== undefined) return;
    const memory = seenOf(bucket);
    const tokens = memory.tokens + ((now() - memory.at) * limits.perSecond) / 1_000;
    local.startAt(bucket, share * Math.min(tokens, startOf(memory)));
    const pauseMs = memory.pausedUntil - now();
    if (pauseMs > 0) local.pause(bucket, pauseMs);
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
      seenOf(bucket).remaining = remaining;
      if (isLocal(token)) return local.observe(bucket, token, remaining);
      // Most answers hold no news, and need no question.
      if (remaining > token.left - 1) return false;
      const ask = () => run(OBSERVE, bucket, [Number(token.epoch), token.takenAt, remaining]);
      return (await sharedOr(ask, () => 0)) === 1;
    },
    async pause(bucket, ms) {
      const memory = seenOf(bucket);
      memory.pausedUntil = Math.max(memory.pausedUntil, now() + ms);
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
    async close() {
      local.clear();
      seen.clear();
    },
  };
}

/** What a bucket that Redis does not know holds, in tokens. */
const startOf = ({ remaining }: Seen): number =>
  Math.max(0, Math.min(START_TOKENS, remaining - HEAD_ROOM_TOKENS));

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
