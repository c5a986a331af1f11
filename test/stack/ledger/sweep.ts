import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Claim } from '../../../src/changes/ledger.js';
import { makeVault } from '../../../src/tenancy/vault/vault.js';
import { closing, DEAD_S, imagesOf, type LedgerWorld, PENDING, type Shop } from './support.js';

export function sweepContract(world: () => LedgerWorld): void {
  describe('the sweep', () => {
    let ours: Shop;
    let theirs: Shop;
    const taken = async (limit = 1_000) => {
      const dead = await world().ledger.takeDead(limit);
      return new Map(dead.map((each) => [each.claim.id, each]));
    };
    const dead = async (claim: Claim) => {
      await world().leaseOver(claim, DEAD_S);
      return claim;
    };

    beforeAll(async () => {
      ours = await world().shop();
      theirs = await world().shop();
    });

    it('takes what is left of any tenant, opened, and only for one', async () => {
      const claims = [await dead(await world().sent(ours)), await dead(await world().sent(theirs))];
      const [one, other] = await Promise.all([taken(), taken()]);
      for (const { id, tenantId, owner } of claims) {
        const found = [one.get(id), other.get(id)].filter((each) => each !== undefined);
        expect(found).toHaveLength(1);
        expect(found[0]).toMatchObject({
          claim: { id, tenantId },
          change: { tenantId, state: 'pending', images: PENDING.images, sentAt: expect.any(Date) },
        });
        expect(found[0]?.claim.owner).not.toBe(owner);
      }
      expect(new Set([...one.values(), ...other.values()].map(({ claim }) => claim.owner)).size).toBe(
        one.size + other.size,
      );
    });

    it('takes claims that nothing was sent for, which are then abandoned', async () => {
      const claim = await dead(await world().taken(ours));
      const found = (await taken()).get(claim.id);
      if (found === undefined) throw new Error('not taken');
      expect(found.change).toMatchObject({ state: 'claimed', images: null });
      await world().ledger.abandon(found.claim);
      await expect(world().ledger.get(ours.principal, [ours.store], claim.id)).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    it('leaves what is alive, what is only just over, and what is finished', async () => {
      const alive = await world().sent(ours);
      const justOver = await world().sent(ours);
      await world().leaseOver(justOver, 50);
      const finished = await dead(await world().done(ours));
      const found = await taken();
      for (const { id } of [alive, justOver, finished]) expect(found.has(id)).toBe(false);
    });

    it('takes no more than it asks for, what is over longest first', async () => {
      await taken();
      const claims = [await world().sent(ours), await world().sent(ours)];
      for (const [index, claim] of claims.entries()) await world().leaseOver(claim, DEAD_S + 10 + index);
      expect([...(await taken(1)).keys()]).toEqual([claims[1]?.id]);
    });

    it('takes also what cannot be read or understood, as without images', async () => {
      const gone = await world().shop();
      const unread = await dead(await world().sent(gone));
      const [odd, good] = [await dead(await world().sent(ours)), await dead(await world().sent(ours))];
      const vault = makeVault(world().keys, randomBytes);
      const place = { table: 'changes', row: odd.id, column: 'images' } as const;
      const sealed = await vault.encrypt(ours.tenantId, 'ledger', place, '{"lines":"of another release"}');
      await world().database.asTenant(ours.tenantId, (tx) =>
        tx.run('update changes set images = $1 where change_id = $2', [sealed, odd.id]),
      );
      await world().loseKey(gone);
      const found = await taken();
      expect([unread, odd, good].map(({ id }) => found.get(id)?.change.images)).toEqual([
        null,
        null,
        PENDING.images,
      ]);
    });

    it('is shut out by the writer that comes back', async () => {
      const writer = await dead(await world().sent(ours));
      const found = (await taken()).get(writer.id);
      if (found === undefined) throw new Error('not taken');
      expect(await world().ledger.close(writer, closing('applied'))).toBe(true);
      expect(await world().ledger.close(found.claim, closing('unknown'))).toBe(false);
    });
  });

  describe('a person who knows', () => {
    let shop: Shop;
    const settle = (id: string) => world().ledger.takeToSettle(shop.tenantId, id);

    beforeAll(async () => {
      shop = await world().shop();
    });

    it('settles what is unknown', async () => {
      const writer = await world().sent(shop);
      await world().ledger.close(writer, closing('unknown'));
      const { claim, change } = await settle(writer.id);
      expect(change).toMatchObject({ state: 'pending', images: imagesOf(['unknown'], { open: null }) });
      expect(await world().ledger.close(claim, closing('applied'))).toBe(true);
      expect((await world().ledger.get(shop.principal, [shop.store], writer.id)).state).toBe('applied');
    });

    it('settles what is pending once its lease is over, and not while somebody is at work', async () => {
      const writer = await world().sent(shop);
      await expect(settle(writer.id)).rejects.toMatchObject({ code: 'in_progress' });
      await world().leaseOver(writer);
      expect((await settle(writer.id)).claim.owner).not.toBe(writer.owner);
      await expect(settle(writer.id)).rejects.toMatchObject({ code: 'in_progress' });
    });

    it('settles nothing that is known, not there, or another tenant’s', async () => {
      const done = await world().done(shop);
      await expect(settle(done.id)).rejects.toMatchObject({ code: 'conflict' });
      await expect(settle(randomUUID())).rejects.toMatchObject({ code: 'not_found' });
      const other = await world().shop();
      const theirs = await world().sent(other);
      await world().leaseOver(theirs);
      await expect(settle(theirs.id)).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}
