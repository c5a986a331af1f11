/** Many keys in steady use: each is hashed once in the life of a process, and their states are asked for together. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/storage/port.js';
import { KeyAuthenticator } from '../../src/tenancy/keys/key-authenticator.js';
import { KeyHasher } from '../../src/tenancy/keys/key-hasher.js';
import type { KeyRepository } from '../../src/tenancy/keys/key-repository.js';
import { sqlKeyRepository } from '../../src/tenancy/keys/sql-key-repository.js';
import { AcceptedCredentials, newRing, replica } from '../integration/tenancy/support.js';
import { openTestDatabase } from '../support/database.js';

const KEYS = 500;
const ROUNDS = 30;
const SECONDS_BETWEEN = 10;
/** What the queue of the hasher takes without turning anybody away. */
const AT_ONCE = 10;
/** 300 questions about 500 keys each take half a minute in the embedded database. */
const TIMEOUT_MS = 180_000;

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** Counts the questions; otherwise the repository itself. */
function counted(keys: KeyRepository) {
  const asked = { finds: 0, states: 0, kids: 0 };
  const repository: KeyRepository = {
    find(kid) {
      asked.finds += 1;
      return keys.find(kid);
    },
    states(kids) {
      asked.states += 1;
      asked.kids = Math.max(asked.kids, kids.length);
      return keys.states(kids);
    },
    rehash: (kid, replaced, next) => keys.rehash(kid, replaced, next),
    recordUse: (uses) => keys.recordUse(uses),
  };
  return { asked, repository };
}

it(
  '500 keys used by two at once for five minutes: 500 bcrypt compares, one question a second',
  async () => {
    const peppers = newRing('p1');
    const { operations } = replica(database, new AcceptedCredentials(), { kms: newRing('k1'), peppers });
    const { name: tenant } = await operations.createTenant.run({ name: 'Busy' });
    const headers: string[] = [];
    for (let made = 0; made < KEYS; made += 1) {
      const { key } = await operations.createKey.run({ tenant, name: `key ${made}`, role: 'agent' });
      headers.push(`Bearer ${key}`);
    }

    const hasher = new KeyHasher({ cost: 4 });
    const { asked, repository } = counted(sqlKeyRepository(database));
    let now = Date.now();
    const authenticator = new KeyAuthenticator({
      keys: repository,
      peppers,
      hasher,
      now: () => now,
      staleMaxMs: 600_000,
      onBackgroundError: (error) => {
        throw error;
      },
    });

    const kids = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let first = 0; first < KEYS; first += AT_ONCE) {
        const some = headers.slice(first, first + AT_ONCE);
        const principals = await Promise.all(
          [...some, ...some].map((header) => authenticator.authenticate(header)),
        );
        for (const { kid } of principals) kids.add(kid);
      }
      for (let second = 0; second < SECONDS_BETWEEN; second += 1) {
        now += 1_000;
        await authenticator.refresh();
      }
    }

    expect(kids.size).toBe(KEYS);
    expect(hasher.compares).toBe(KEYS);
    expect(asked.finds).toBe(KEYS);
    expect(asked.states).toBe(ROUNDS * SECONDS_BETWEEN);
    expect(asked.kids).toBe(KEYS);
  },
  TIMEOUT_MS,
);
