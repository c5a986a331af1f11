import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Claim } from '../../../src/changes/ledger.js';
import type { ChangeState } from '../../../src/changes/port.js';
import { closing, type LedgerWorld, PENDING, principalOf, type Shop } from './support.js';

export function pendingContract(world: () => LedgerWorld): void {
  describe('to pending', () => {
    let shop: Shop;
    const stateOf = async ({ id }: Claim): Promise<ChangeState> =>
      (await world().ledger.get(shop.principal, [shop.store], id)).state;
    const capped = () => ({ principal: principalOf(shop.tenantId) });
    const toPending = (claim: Claim, change: Partial<typeof PENDING>) =>
      world().ledger.toPending(claim, { ...PENDING, ...change });

    beforeAll(async () => {
      shop = await world().shop();
    });

    it('writes what is meant, and when it may have been sent', async () => {
      const claim = await world().sent(shop);
      const change = await world().ledger.get(shop.principal, [shop.store], claim.id);
      expect(change).toMatchObject({ state: 'pending', effects: 1, images: PENDING.images });
      expect(Math.abs((change.sentAt?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
    });

    it('is refused to who has lost the claim', async () => {
      const claim = await world().taken(shop, { idempotencyKey: 'lost' });
      await world().leaseOver(claim);
      const over = await world().taken(shop, { idempotencyKey: 'lost' });
      await expect(toPending(claim, {})).rejects.toMatchObject({ code: 'in_progress' });
      await expect(toPending(over, {})).resolves.toBeUndefined();
    });

    it('is refused once the lease is over, though nobody has taken it', async () => {
      const claim = await world().taken(shop);
      await world().leaseOver(claim);
      await expect(toPending(claim, {})).rejects.toMatchObject({ code: 'in_progress' });
      expect(await stateOf(claim)).toBe('claimed');
    });

    it('is refused a second time before the first is closed', async () => {
      const claim = await world().sent(shop);
      await expect(toPending(claim, {})).rejects.toMatchObject({ code: 'in_progress' });
    });

    it('without all locks leaves nothing behind: no state, no count, no used confirmation', async () => {
      const key = capped();
      const claim = await world().taken(shop, key);
      const [name, confirmation] = [`od:9|order:${randomUUID()}`, randomUUID()];
      await world().ledger.lock(claim, [name]);
      const locks = [name, 'od:9|order:never-locked'];
      const lost = toPending(claim, { locks, effects: 5, cap: 5, confirmation });
      await expect(lost).rejects.toMatchObject({ code: 'in_progress' });
      expect(await stateOf(claim)).toBe('claimed');
      await toPending(claim, { locks: [name], effects: 5, cap: 5, confirmation });
      expect(await stateOf(claim)).toBe('pending');
    });

    it('is refused when the lease of a lock alone is over, though nobody has taken it', async () => {
      const claim = await world().taken(shop);
      const name = `od:9|order:${randomUUID()}`;
      await world().ledger.lock(claim, [name]);
      await world().database.asTenant(shop.tenantId, (tx) =>
        tx.run('update change_locks set lease_until = now() where owner = $1', [claim.owner]),
      );
      await expect(toPending(claim, { locks: [name] })).rejects.toMatchObject({ code: 'in_progress' });
      expect(await stateOf(claim)).toBe('claimed');
    });

    it('renews the leases of claim and locks', async () => {
      const other = await world().shop();
      const claim = await world().taken(shop, { idempotencyKey: 'renewed' });
      const name = `od:9|order:${randomUUID()}`;
      await world().ledger.lock(claim, [name]);
      await world().leaseOver(claim, -20);
      await toPending(claim, { locks: [name] });
      const met = await world().ledger.claim(world().wanted(shop, { idempotencyKey: 'renewed' }));
      expect(met.met === 'in_progress' && met.retryAfterS).toBeGreaterThan(30);
      const left = await world().database.asTenant(other.tenantId, (tx) =>
        tx.run(
          `select from change_locks where lock_name = $1 and lease_until > now() + interval '30 seconds'`,
          [name],
        ),
      );
      expect(left).toBe(1);
    });

    it('takes a confirmation for one change, and for what is left of the same', async () => {
      const confirmation = randomUUID();
      const claim = await world().sent(shop, {}, { confirmation });
      const other = await world().taken(shop);
      await expect(toPending(other, { confirmation })).rejects.toMatchObject({
        code: 'confirmation_required',
        field: 'confirmation_token',
      });
      expect(await stateOf(other)).toBe('claimed');
      await world().ledger.close(claim, { ...closing('applied'), state: 'claimed' });
      await expect(toPending(claim, { confirmation })).resolves.toBeUndefined();
    });

    it('reaches the cap exactly, also when many are at it at once', async () => {
      const key = capped();
      const claims = await Promise.all(Array.from({ length: 12 }, () => world().taken(shop, key)));
      const outcomes = await Promise.allSettled(
        claims.map((claim) => toPending(claim, { effects: 1, cap: 7 })),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ code: 'write_cap_reached' });
      }
    });

    it('says the cap, the day and what was used of it', async () => {
      const key = capped();
      await world().sent(shop, key, { effects: 3, cap: 5 });
      const claim = await world().taken(shop, key);
      const today = new Date().toISOString().slice(0, 10);
      const error = await toPending(claim, { effects: 3, cap: 5 }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'write_cap_reached' });
      expect(error).toHaveProperty('hint', expect.stringMatching(/ 5 effects .* had 3, .* 3 more/));
      // The day may have ended between the two.
      const days = [today, new Date().toISOString().slice(0, 10)];
      expect(days.some((day) => String(Object(error).hint).includes(day))).toBe(true);
      await expect(toPending(claim, { effects: 2, cap: 5 })).resolves.toBeUndefined();
    });

    it('refuses more than the cap in one step, and counts each key for itself', async () => {
      const claim = await world().taken(shop, capped());
      await expect(toPending(claim, { effects: 8, cap: 7 })).rejects.toMatchObject({
        code: 'write_cap_reached',
      });
      await expect(toPending(claim, { effects: 7, cap: 7 })).resolves.toBeUndefined();
      await expect(world().sent(shop, capped(), { effects: 7, cap: 7 })).resolves.toBeDefined();
    });
  });
}
