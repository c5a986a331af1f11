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

export interface OwnSharedRedis extends SharedRedis {
  /** Asks Redis once, so that `state` is right before the first caller. Never fails. */
  start(): Promise<void>;
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

/**
 * The question whether Redis can be used: a script that writes, as nearly all questions are. A Redis that is full, a
 * replica, or one that permits us no scripts answers a PING, but nothing can be shared through it.
 */
const ALIVE_KEY = 'odm:alive';
const ALIVE = script(`redis.call('SET', KEYS[1], '1', 'PX', 1) return 1`);

export function shareRedis(options: SharedRedisOptions): OwnSharedRedis {
  const { redis, retryMs = RETRY_MS, now = () => performance.now() } = options;
  const listeners: ((state: RedisState, reason: unknown) => void)[] = [];
  const health = new RedisHealth({
    ask: () => run(ALIVE, [ALIVE_KEY], []),
    retryMs,
    now,
    onChange: (state, reason) => {
      for (const listener of listeners) listener(state, reason);
    },
  });

  const onLost = () => health.lost(new Error('The connection to Redis was closed.'));
  redis.on('close', onLost);

  const run: SharedRedis['run'] = ({ sha, text }, keys, args) =>
    carrying(
      () => redis.evalsha(sha, keys.length, ...keys, ...args),
      () => redis.eval(text, keys.length, ...keys, ...args),
    );

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
    start: () => health.start(),
    ask,
    run: (...question) => ask(() => run(...question)),
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
    close() {
      // What ends from here on is ended by us.
      redis.off('close', onLost);
      health.close();
    },
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
