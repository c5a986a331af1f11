import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Claim } from '../../../src/changes/ledger.js';
import { endOldChanges } from '../../../src/changes/retention.js';
import { DailyRetention } from '../../../src/tenancy/audit/retention.js';
import type { LedgerWorld, Shop } from './support.js';

const DAY = 24;
const kept = z.object({ key: z.boolean(), images: z.boolean() });
const counted = z.object({ n: z.int() });

export function retentionContract(world: () => LedgerWorld): void {
  describe('retention', () => {
    let shop: Shop;
    const key = () => ({ idempotencyKey: randomUUID() });
    const left = async ({ id }: Claim) => {
      const [row] = await world().database.asTenant(shop.tenantId, (tx) =>
        tx.rows(
          kept,
          'select idempotency_hash is not null as key, images is not null as images from changes where change_id = $1',
          [id],
        ),
      );
      return row;
    };
    const old = async (made: Promise<Claim>, hours: number) => {
      const claim = await made;
      await world().aged(claim, hours);
      return claim;
    };
    const count = async (table: string, where: string) => {
      const [row] = await world().database.asTenant(shop.tenantId, (tx) =>
        tx.rows(counted, `select count(*)::integer as n from ${table} where ${where}`),
      );
      return row?.n;
    };

    beforeAll(async () => {
      shop = await world().shop();
      await endOldChanges(world().database);
    });

    it('ends key, images and entry each at its time', async () => {
      const ages = [71.9, 72.1, 30 * DAY - 1, 30 * DAY + 1, 400 * DAY - 1, 400 * DAY + 1];
      const claims: Claim[] = [];
      for (const hours of ages) claims.push(await old(world().done(shop, key()), hours));
      expect(await endOldChanges(world().database)).toBe(5 + 3 + 1);
      expect(await Promise.all(claims.map(left))).toEqual([
        { key: true, images: true },
        { key: false, images: true },
        { key: false, images: true },
        { key: false, images: false },
        { key: false, images: false },
        undefined,
      ]);
      expect(await endOldChanges(world().database)).toBe(0);
    });

    it('leaves key and images for 72 hours from the outcome', async () => {
      const late = await world().done(shop, key());
      await world().aged(late, 31 * DAY, 71.9);
      expect(await endOldChanges(world().database)).toBe(0);
      expect(await left(late)).toEqual({ key: true, images: true });
      await world().aged(late, 31 * DAY, 72.1);
      expect(await endOldChanges(world().database)).toBe(2);
    });

    it('leaves key and images of what is not finished', async () => {
      const pending = await old(world().sent(shop, key()), 31 * DAY);
      expect(await endOldChanges(world().database)).toBe(0);
      expect(await left(pending)).toEqual({ key: true, images: true });
    });

    it('touches nothing that is unfinished or younger, also where it forgets its WHERE', async () => {
      const young = await world().done(shop, key());
      const pending = await old(world().sent(shop, key()), 31 * DAY);
      await world().database.asSystem('retention', async (tx) => {
        await tx.run('update changes set images = null, idempotency_hash = null');
        await tx.run('delete from changes');
      });
      for (const claim of [young, pending]) expect(await left(claim)).toEqual({ key: true, images: true });
    });

    it('ends counts, confirmations and locks of days gone by, in batches', async () => {
      await world().database.asTenant(shop.tenantId, async (tx) => {
        await tx.run(
          `insert into write_counts (tenant_id, key_id, day, effects)
           select $1, gen_random_uuid(), (now() at time zone 'utc')::date - n * 3, 1 from generate_series(1, 10) n`,
          [shop.tenantId],
        );
        await tx.run(
          `insert into used_confirmations (tenant_id, confirmation_id, change_id, used_at)
           select $1, n::text, gen_random_uuid(), now() - n * interval '1 minute' + interval '30 seconds' from generate_series(1, 2500) n`,
          [shop.tenantId],
        );
        await tx.run(
          `insert into change_locks (lock_name, owner, lease_until)
           select 'retained ' || n, gen_random_uuid(), now() - n * interval '1 hour' + interval '1 minute'
           from generate_series(0, 47) n`,
        );
      });
      const before = await count('used_confirmations', 'true');
      expect(await endOldChanges(world().database)).toBe(8 + 1_060 + 23);
      expect(await count('write_counts', `day < current_date - 8`)).toBe(0);
      expect(await count('used_confirmations', 'true')).toBe((before ?? 0) - 1_060);
      expect(await count('change_locks', `lock_name like 'retained %'`)).toBe(25);
    });

    it('runs with the daily retention of the trail', async () => {
      await old(world().done(shop, key()), 73);
      const daily = new DailyRetention(world().database, () => 0, [endOldChanges]);
      expect(await daily.step()).toBe(1);
    });
  });
}
