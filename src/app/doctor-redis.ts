/** The checks of Redis: whether it can be used, by the question that the server asks, and whether it is kept as it should be. */
import type { Redis } from 'ioredis';
import { connectRedis } from '../redis/connection.js';
import { RedisTrouble, shareRedis } from '../redis/shared-redis.js';
import { clockFinding, readClock } from './doctor-clock.js';
import {
  type Check,
  type Finding,
  failureCode,
  isCertificateTrouble,
  ok,
  refused,
  skipped,
  warned,
} from './finding.js';
import type { AppConfig } from './foundation.js';

export interface RedisChecks {
  readonly checks: readonly Check[];
  close(): void;
}

/** A person waits here, not a call: a Redis that is slow for a moment is none that cannot be used. */
const COMMAND_TIMEOUT_MS = 2_000;
const NOT_USED = skipped('REDIS_URL is not set: limits are those of each process.');
const NOT_REACHED = skipped('Redis cannot be used.');

/** The checks are to be run in their order. @param now milliseconds since 1970 */
export async function redisChecks({ redisUrl }: AppConfig, now: () => number): Promise<RedisChecks> {
  if (redisUrl === undefined)
    return { checks: [{ name: 'Redis', run: async () => NOT_USED }], close: () => {} };
  let reason: unknown;
  const redis = await connectRedis(redisUrl.reveal(), {
    onError: (error) => {
      reason ??= error;
    },
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
  });
  const shared = shareRedis({ redis });
  shared.onChange((_state, trouble) => {
    reason ??= trouble instanceof RedisTrouble ? trouble.cause : trouble;
  });
  /** A check of one that can be used. It may be refused the question, which then is what was found. */
  const check = (name: string, run: () => Promise<Finding>): Check => ({
    name,
    run: async () => (shared.state === 'away' ? NOT_REACHED : run().catch(notTold)),
  });
  return {
    checks: [
      {
        name: 'Redis',
        async run() {
          await shared.start();
          return shared.state === 'away'
            ? unusable(failureCode(reason))
            : ok('It answers, runs scripts and can be written to.');
        },
      },
      check('Redis memory', async () => memoryFinding(await info(redis, 'memory'))),
      check('Redis on disk', async () => persistenceFinding(await info(redis, 'persistence'))),
      check('Redis clock', async () => clockFinding('Redis', await readClock(() => timeOf(redis), now))),
    ],
    close() {
      shared.close();
      redis.disconnect();
    },
  };
}

const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['OOM', 'It is full: raise its maxmemory, and set maxmemory-policy to volatile-lru'],
  ['READONLY', 'It is a copy of another Redis: name the one that is written to in REDIS_URL'],
  ['MISCONF', 'It cannot write its own files, so it takes no more: look at its log and its disk'],
  ['NOPERM', 'The user of REDIS_URL must be allowed to run scripts and to write keys that begin with odm:'],
  ['NOAUTH', 'Put the password into REDIS_URL'],
  ['WRONGPASS', 'User or password in REDIS_URL are not right'],
]);

function unusable(code: string): Finding {
  const advice = isCertificateTrouble(code)
    ? 'Its certificate is not believed: name the file of its authority in NODE_EXTRA_CA_CERTS, in the environment of the process'
    : (REMEDIES.get(code) ?? 'Look at REDIS_URL, and whether it runs');
  return refused(`It cannot be used (${code}). ${advice}; until then limits are those of each process.`);
}

/** The server needs none of these questions answered, so a user who may not ask them is no reason to refuse. */
function notTold(thrown: unknown): Finding {
  if (!(thrown instanceof Error)) throw thrown;
  return warned(
    `It does not tell (${failureCode(thrown)}). Allow the user of REDIS_URL the commands INFO and TIME, or look yourself.`,
  );
}

/** @throws an error of the server or of the connection */
async function info(redis: Redis, section: 'memory' | 'persistence'): Promise<ReadonlyMap<string, string>> {
  const lines = (await redis.info(section)).split(/\r?\n/);
  return new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
}

async function timeOf(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
}

function memoryFinding(memory: ReadonlyMap<string, string>): Finding {
  const policy = memory.get('maxmemory_policy') ?? 'unknown';
  const limit = Number(memory.get('maxmemory') ?? '0');
  const used = Number(memory.get('used_memory') ?? '0');
  if (limit === 0) {
    return warned(
      'It has no maxmemory, so it may take all the memory of its machine. Set maxmemory, and maxmemory-policy volatile-lru.',
    );
  }
  const share = `${Math.round((100 * used) / limit)} % of maxmemory in use, policy ${policy}.`;
  if (policy === 'noeviction') {
    return warned(
      `${share} Once it is full it takes no writes, and limits are those of each process: set volatile-lru.`,
    );
  }
  // Everything of ours has an end, so what other users keep without one is safe, and what is oldest goes first.
  return policy.startsWith('volatile-')
    ? ok(share)
    : warned(`${share} It may drop keys that have no end, of others that use it too: set volatile-lru.`);
}

function persistenceFinding(persistence: ReadonlyMap<string, string>): Finding {
  const failed = ['rdb_last_bgsave_status', 'aof_last_write_status'].filter(
    (name) => persistence.get(name) === 'err',
  );
  if (failed.length > 0) {
    return warned(
      `Its last write to disk failed (${failed.join(', ')}). Look at its log and its disk: it may soon take no writes.`,
    );
  }
  return persistence.get('aof_enabled') === '1'
    ? ok('It keeps an append-only file.')
    : warned(
        'It keeps no append-only file, so limits and budgets begin anew when it restarts. Set appendonly yes.',
      );
}
