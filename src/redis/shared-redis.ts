/**
 * The one Redis of a process, for all that replicas share: limits, the budget of each store, the cache. Trouble with
 * it shows as `RedisTrouble` at once, so that whoever asks goes on alone; nobody waits for it to come back.
 * This room imports nothing of ours.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { RedisHealth, type RedisState } from './health.js';

/** Redis is away, or answered this question with an error, which is then the cause. */
export class RedisTrouble extends Error {
  override readonly name = 'RedisTrouble';
}

/** A Lua script, known to Redis by its hash once it has seen it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export const script = (text: string): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
});

export type ScriptArgument = string | number | Buffer;

export interface SharedRedis {
  readonly state: RedisState;
  /** @throws RedisTrouble */
  ask<T>(work: (redis: Redis) => Promise<T>): Promise<T>;
  /**
   * Runs a script; text in its answer comes as text.
   * @throws RedisTrouble
   */
  run(script: Script, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown>;
  /** The same with text in the answer as bytes. @throws RedisTrouble */
  runForBytes(script: Script, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown>;
  /** Told of every change, after the state has changed. */
  onChange(listener: (state: RedisState, reason: unknown) => void): void;
  /** Ends the questions whether Redis is back; the connection is its maker's to close. */
  close(): void;
}

export interface SharedRedisOptions {
  /** A client with a command time-out and without an offline queue, so that trouble shows at once. */
  readonly redis: Redis;
  /** Milliseconds between questions whether Redis is back. */
  readonly retryMs?: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

const RETRY_MS = 1_000;

export function shareRedis(options: SharedRedisOptions): SharedRedis {
  const { redis, retryMs = RETRY_MS, now = () => performance.now() } = options;
  const listeners: ((state: RedisState, reason: unknown) => void)[] = [];
  const health = new RedisHealth({
    ask: () => redis.ping(),
    retryMs,
    now,
    onChange: (state, reason) => {
      for (const listener of listeners) listener(state, reason);
    },
  });

  async function ask<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    if (health.state === 'away') throw new RedisTrouble('Redis is away.');
    try {
      const answer = await work(redis);
      health.succeeded();
      return answer;
    } catch (cause) {
      if (!isAboutOneKey(cause)) health.failed(cause);
      throw new RedisTrouble('Redis gave no answer.', { cause });
    }
  }

  return {
    get state() {
      return health.state;
    },
    ask,
    run: ({ sha, text }, keys, args) =>
      ask((client) =>
        carrying(
          () => client.evalsha(sha, keys.length, ...keys, ...args),
          () => client.eval(text, keys.length, ...keys, ...args),
        ),
      ),
    runForBytes: ({ sha, text }, keys, args) =>
      ask((client) =>
        carrying(
          () => client.callBuffer('EVALSHA', [sha, keys.length, ...keys, ...args]),
          () => client.callBuffer('EVAL', [text, keys.length, ...keys, ...args]),
        ),
      ),
    onChange(listener) {
      listeners.push(listener);
    },
    close: () => health.close(),
  };
}

/** A key that somebody else uses for something else says nothing about Redis. */
const isAboutOneKey = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('WRONGTYPE');

/** Redis keeps scripts until it restarts; the first call after that carries the text again. */
async function carrying(byHash: () => Promise<unknown>, byText: () => Promise<unknown>): Promise<unknown> {
  try {
    return await byHash();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return byText();
  }
}
