/** An installation with a Postgres and a Redis of its own, either of which can be lost. */
import pg from 'pg';
import { expect, vi } from 'vitest';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { startRedis } from '../../support/services/index.js';
import { startLastingPostgres } from '../../support/services/postgres.js';
import { Installation } from './installation.js';
import { Outage, type Part } from './outage.js';

export const HOW = ['stopped', 'frozen'] as const;
export type How = (typeof HOW)[number];
export type PartName = 'Postgres' | 'Redis';

export interface Prepared {
  readonly outage: Outage;
  readonly part: Part;
  readonly superuserUrl: string;
}

/** @param ends gets what ends each thing that was started, in their order */
export async function prepare(name: PartName, how: How, ends: (() => Promise<void>)[]): Promise<Prepared> {
  const postgres = await startLastingPostgres();
  ends.push(() => postgres.stop());
  let redis = await startRedis();
  ends.push(() => redis.stop());
  const database = await postgres.createDatabase();
  await migratePostgres(database);
  const installation = await Installation.start(database.serviceUrl, redis.url);
  ends.push(() => installation.close());
  const parts: Record<PartName, Record<How, Part>> = {
    Postgres: {
      stopped: { lose: () => postgres.crash(), bringBack: () => postgres.startAgain() },
      frozen: { lose: () => postgres.pause(), bringBack: () => postgres.resume() },
    },
    Redis: {
      stopped: {
        lose: () => redis.stop(),
        async bringBack() {
          redis = await redis.startAgain();
        },
      },
      frozen: { lose: () => redis.pause(), bringBack: () => redis.resume() },
    },
  };
  return { outage: new Outage(installation), part: parts[name][how], superuserUrl: database.superuserUrl };
}

/** What was sent and not recorded is settled by the sweep once its lease and the grace are over: here, at once. */
export async function settled(superuserUrl: string): Promise<void> {
  const superuser = new pg.Client({ connectionString: superuserUrl });
  await superuser.connect();
  try {
    const open = `state in ('claimed', 'pending')`;
    const past = `lease_until = now() - interval '1 hour', sent_at = sent_at - interval '1 hour'`;
    await superuser.query(`update changes set ${past} where ${open}`);
    await vi.waitFor(
      async () => expect((await superuser.query(`select from changes where ${open}`)).rowCount).toBe(0),
      { timeout: 60_000, interval: 250 },
    );
  } finally {
    await superuser.end();
  }
}
