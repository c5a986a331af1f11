/** The connection to Redis. It is never waited for: a command fails at once while it is away, and callers go on without. */
import { Redis } from 'ioredis';

/** A call waits for it, and goes on without. */
const COMMAND_TIMEOUT_MS = 100;
const CONNECT_TIMEOUT_MS = 2_000;
/** A host that loses power, or an address that moves, ends no connection: the kernel would go on for a quarter of an hour. */
const SILENCE_MS = 5_000;
const LONGEST_RECONNECT_PAUSE_MS = 1_000;

export interface RedisConnectionOptions {
  /** Told of every failed attempt to connect, for the log. */
  readonly onError: (error: Error) => void;
  /** Milliseconds after which a command fails; 100 unless told. */
  readonly commandTimeoutMs?: number;
}

/** Resolves when the first attempt to connect has ended, well or badly: the client goes on trying by itself. */
export async function connectRedis(
  url: string,
  { onError, commandTimeoutMs = COMMAND_TIMEOUT_MS }: RedisConnectionOptions,
): Promise<Redis> {
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Counts only while an answer is owed: another connection takes the place of one that gave none for so long.
    socketTimeout: SILENCE_MS,
    enableOfflineQueue: false,
    // A command whose answer was lost is not sent again: it may have been done.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RECONNECT_PAUSE_MS),
    // Its INFO would be answered late by a server that hangs, and LOADING is an error like any other to us.
    enableReadyCheck: false,
    // The server we know is a replica now: another connection finds the one that took its place. Scripts word it inside.
    reconnectOnError: ({ message }) => message.includes('READONLY'),
  });
  redis.on('error', onError);
  await new Promise<void>((resolve) => {
    redis.once('ready', resolve);
    redis.once('error', () => resolve());
    redis.once('close', resolve);
  });
  return redis;
}
