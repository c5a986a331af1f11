import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Claim } from '../../../src/changes/ledger.js';
import type { LedgerWorld, Shop } from './support.js';

export function lockContract(world: () => LedgerWorld): void {
  describe('locks', () => {
    let ours: Shop;
    let theirs: Shop;
    let next = 0;
    const names = (count: number) => {
      next += 1;
      return Array.from({ length: count }, (_, index) => `od:${next}|order:${index}`);
    };
    const lock = (claim: Claim, wanted: readonly string[]) => world().ledger.lock(claim, wanted);

    beforeAll(async () => {
      ours = await world().shop();
      theirs = await world().shop();
    });

    it('exclude each other also between tenants, until they are unlocked', async () => {
      const [mine, other] = [await world().taken(ours), await world().taken(theirs)];
      const [name = ''] = names(1);
      expect(await lock(mine, [name])).toBe(true);
      expect(await lock(other, [name])).toBe(false);
      await world().ledger.unlock(other, [name]);
      expect(await lock(other, [name])).toBe(false);
      await world().ledger.unlock(mine, [name]);
      expect(await lock(other, [name])).toBe(true);
    });

    it('are held again by who holds them, and named twice are one', async () => {
      const mine = await world().taken(ours);
      const [a = '', b = ''] = names(2);
      expect(await lock(mine, [b, a, b])).toBe(true);
      expect(await lock(mine, [a, b])).toBe(true);
    });

    it('are all taken or none', async () => {
      const [mine, other, third] = [
        await world().taken(ours),
        await world().taken(theirs),
        await world().taken(theirs),
      ];
      const [a = '', b = '', c = ''] = names(3);
      await lock(mine, [b]);
      expect(await lock(other, [c, b, a])).toBe(false);
      expect(await lock(third, [a, c])).toBe(true);
    });

    it('of an owner that is gone are taken over, and are not renewed by it', async () => {
      const [mine, other] = [await world().taken(ours), await world().taken(theirs)];
      const [name = ''] = names(1);
      await lock(mine, [name]);
      await world().leaseOver(mine);
      expect(await lock(other, [name])).toBe(true);
      expect(await lock(mine, [name])).toBe(false);
      await world().ledger.unlock(mine, [name]);
      expect(await lock(mine, [name])).toBe(false);
    });

    it('that are wanted by many in any order are never held by two', async () => {
      const wanted = names(6);
      const claims = await Promise.all(
        Array.from({ length: 12 }, (_, i) => world().taken(i % 2 ? ours : theirs)),
      );
      const got = await Promise.all(
        claims.map((claim, index) => lock(claim, index % 2 ? wanted : wanted.toReversed())),
      );
      expect(got.filter(Boolean)).toHaveLength(1);
    });

    it('are not unlocked by an error that anybody hears of', async () => {
      const nobody = { id: randomUUID(), tenantId: ours.tenantId, owner: 'not an id' };
      await expect(world().ledger.unlock(nobody, ['x'])).resolves.toBeUndefined();
    });
  });
}
