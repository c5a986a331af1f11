import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { claimRow } from '../../../src/changes/ledger-claim.js';
import { deferred } from '../../support/deferred.js';
import { closing, imagesOf, LEASE_MS, type LedgerWorld, PENDING, principalOf, type Shop } from './support.js';

const anyRow = { parse: (row: unknown) => row };

export function claimContract(world: () => LedgerWorld): void {
  describe('a claim', () => {
    let shop: Shop;
    const key = () => ({ idempotencyKey: `key ${randomUUID()}` });
    const again = (change: Parameters<LedgerWorld['wanted']>[1]) =>
      world().ledger.claim(world().wanted(shop, change));

    beforeAll(async () => {
      shop = await world().shop();
    });

    it('without a key is always a new one', async () => {
      const [one, other] = [await world().taken(shop), await world().taken(shop)];
      expect(one.id).not.toBe(other.id);
    });

    it('of 20 at the same time with one key is taken by exactly one', async () => {
      const same = key();
      const met = await Promise.all(Array.from({ length: 20 }, () => again(same)));
      expect(met.filter((each) => each.met === 'taken')).toHaveLength(1);
      expect(met.filter((each) => each.met === 'in_progress')).toHaveLength(19);
    });

    it('that somebody may still be at work on says how long to wait, in whole seconds', async () => {
      const same = key();
      await world().taken(shop, same);
      const met = await again(same);
      if (met.met !== 'in_progress') throw new Error(`met ${met.met}`);
      expect(Number.isInteger(met.retryAfterS)).toBe(true);
      expect(met.retryAfterS).toBeGreaterThan(LEASE_MS / 1_000 - 20);
      expect(met.retryAfterS).toBeLessThanOrEqual(LEASE_MS / 1_000);
    });

    it('with other arguments is told so, whatever became of the first', async () => {
      const same = key();
      const other = { ...same, fingerprint: 'bb'.repeat(32) };
      const claim = await world().sent(shop, same);
      expect(await again(other)).toEqual({ met: 'other_arguments' });
      await world().ledger.close(claim, closing('applied'));
      expect(await again(other)).toEqual({ met: 'other_arguments' });
    });

    it('is kept apart by tool, by key and by tenant', async () => {
      const same = key();
      const claim = await world().taken(shop, same);
      const other = await world().shop();
      const mets = [
        await again({ ...same, tool: 'move_orders' }),
        await again({ ...same, principal: principalOf(shop.tenantId) }),
        await world().ledger.claim(
          world().wanted({ ...other, principal: { ...shop.principal, tenantId: other.tenantId } }, same),
        ),
      ];
      expect(mets.map(({ met }) => met)).toEqual(['taken', 'taken', 'taken']);
      expect(mets.map((met) => met.met === 'taken' && met.claim.id)).not.toContain(claim.id);
    });

    it('of what is finished gives the stored answer', async () => {
      const same = key();
      const claim = await world().done(shop, same);
      expect(await again(same)).toMatchObject({
        met: 'final',
        change: {
          id: claim.id,
          state: 'applied',
          store: { name: 'Main', orderDeskId: '1001' },
          images: imagesOf(['applied'], { open: null }),
        },
      });
    });

    it('after 72 hours is a new one, and not before', async () => {
      const same = key();
      const claim = await world().done(shop, same);
      await world().aged(claim, 71.9);
      expect(await again(same)).toMatchObject({ met: 'final' });
      await world().aged(claim, 72.1);
      const met = await again(same);
      expect(met.met === 'taken' && met.claim.id).not.toBe(claim.id);
      expect(met.met).toBe('taken');
    });

    it('is not forgotten while it is at work, or had its outcome less than 72 hours ago', async () => {
      const [late, open] = [key(), key()];
      await world().aged(await world().done(shop, late), 80, 71.9);
      expect(await again(late)).toMatchObject({ met: 'final' });
      const sent = await world().sent(shop, open);
      await world().aged(sent, 80);
      expect(await again(open)).toMatchObject({ met: 'to_settle', claim: { id: sent.id } });
    });

    it('whose owner is gone before anything was sent is taken over, and the old owner can do nothing more', async () => {
      const same = key();
      const old = await world().taken(shop, same);
      await world().leaseOver(old);
      const met = await again(same);
      expect(met).toMatchObject({ met: 'taken', claim: { id: old.id }, images: null });
      expect(met.met === 'taken' && met.claim.owner).not.toBe(old.owner);
      expect(await world().ledger.close(old, closing('applied'))).toBe(false);
      await world().ledger.abandon(old);
      expect(await again(same)).toMatchObject({ met: 'in_progress' });
    });

    it('whose owner may have sent something is settled by one alone', async () => {
      const same = key();
      const old = await world().sent(shop, same);
      expect(await again(same)).toMatchObject({ met: 'in_progress' });
      await world().leaseOver(old);
      const met = await Promise.all([again(same), again(same), again(same)]);
      expect(met.map((each) => each.met).toSorted()).toEqual(['in_progress', 'in_progress', 'to_settle']);
      const settling = met.find((each) => each.met === 'to_settle');
      expect(settling).toMatchObject({
        claim: { id: old.id },
        change: {
          state: 'pending',
          sentAt: expect.any(Date),
          images: { open: { probe: expect.anything() } },
        },
      });
    });

    it('goes on with what was not sent, with the lines that are done', async () => {
      const same = key();
      const old = await world().sent(shop, same);
      const images = imagesOf(['applied', 'not_sent'], { open: null });
      await world().ledger.close(old, { state: 'applied', images, resumable: true, refunded: 0 });
      const met = await again(same);
      expect(met).toMatchObject({ met: 'taken', claim: { id: old.id }, images });
      expect(await again(same)).toMatchObject({ met: 'in_progress' });
    });

    it('does not go on with what is left when it cannot be read what is done', async () => {
      const gone = await world().shop();
      const same = { idempotencyKey: 'gone' };
      const old = await world().sent(gone, same);
      const images = imagesOf(['applied', 'not_sent'], { open: null });
      await world().ledger.close(old, { state: 'applied', images, resumable: true, refunded: 0 });
      await world().loseKey(gone);
      const met = world().ledger.claim(world().wanted(gone, same));
      await expect(met).rejects.toMatchObject({ code: 'internal' });
    });

    it('of a store that was removed is refused, also by a server that has not heard of it yet', async () => {
      const gone = await world().shop();
      const same = key();
      const old = await world().sent(gone, same);
      await world().ledger.close(old, closing('not_sent', 1));
      await world().database.asTenant(gone.tenantId, (tx) => tx.run('delete from stores'));
      for (const change of [key(), same, {}]) {
        const met = world().ledger.claim(world().wanted(gone, change));
        await expect(met).rejects.toMatchObject({ code: 'unknown_store' });
      }
    });

    it('that is being made holds its store: the removal waits for it, and finds it', async () => {
      const busy = await world().shop();
      const made = deferred<void>();
      const held = deferred<void>();
      const { database } = world();
      const making = database.asTenant(busy.tenantId, async (tx) => {
        await claimRow(tx, world().wanted(busy), LEASE_MS);
        made.resolve(undefined);
        await held.promise;
      });
      await made.promise;
      const removal = database.asTenant(busy.tenantId, async (tx) => {
        await tx.run('delete from stores');
        return (await tx.rows(anyRow, 'select 1 from changes')).length;
      });
      // Time for a removal that does not wait: it would find nothing.
      await Promise.race([removal, pause(200)]);
      held.resolve(undefined);
      await making;
      expect(await removal).toBe(1);
    });

    it('does not go on with what is taken back, or being taken back', async () => {
      const same = key();
      const old = await world().sent(shop, same);
      const images = imagesOf(['applied', 'not_sent'], { open: null });
      await world().ledger.close(old, { state: 'applied', images, resumable: true, refunded: 0 });
      const undo = await world().taken(shop, { undoes: old.id });
      expect(await again(same)).toEqual({ met: 'undone', by: undo.id });
      await world().ledger.toPending(undo, PENDING);
      await world().ledger.close(undo, closing('applied'));
      expect(await again(same)).toEqual({ met: 'undone', by: undo.id });
    });

    it('of an undo waits while somebody is at work on the change', async () => {
      const same = key();
      const old = await world().sent(shop, same);
      await expect(again({ undoes: old.id })).rejects.toMatchObject({ code: 'in_progress' });
      const images = imagesOf(['applied', 'not_sent'], { open: null });
      await world().ledger.close(old, { state: 'applied', images, resumable: true, refunded: 0 });
      await world().taken(shop, same);
      await expect(again({ undoes: old.id })).rejects.toMatchObject({ code: 'in_progress' });
    });

    it('goes on with what was found not to have been carried out', async () => {
      const same = key();
      const old = await world().sent(shop, same);
      await world().ledger.close(old, closing('not_sent', 1));
      expect(await again(same)).toMatchObject({ met: 'taken', claim: { id: old.id } });
    });

    it('of an undo is refused once the change is taken back, and waits while somebody does it', async () => {
      const { id: undoes } = await world().done(shop);
      const undo = await world().sent(shop, { undoes });
      await expect(again({ undoes })).rejects.toMatchObject({
        code: 'in_progress',
        message: expect.stringContaining(undo.id),
        retryAfterS: expect.any(Number),
      });
      await world().ledger.close(undo, closing('applied'));
      await expect(again({ undoes })).rejects.toMatchObject({
        code: 'cannot_undo',
        message: expect.stringContaining(undo.id),
      });
      const { id: other } = await world().done(shop);
      const failed = await world().sent(shop, { undoes: other });
      await world().ledger.close(failed, closing('failed', 1));
      expect(await again({ undoes: other })).toMatchObject({ met: 'taken' });
    });
  });
}
