import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { closing, imagesOf, type LedgerWorld } from './support.js';

export function unreadContract(world: () => LedgerWorld): void {
  describe('what cannot be read any more', () => {
    it('is closed as it is kept, with its effects', async () => {
      const gone = await world().shop();
      const claim = await world().sent(gone, {}, { effects: 2 });
      await world().loseKey(gone);
      await expect(world().ledger.close(claim, closing('unknown'))).rejects.toMatchObject({
        code: 'internal',
      });
      const unread = { state: 'unknown', images: null, resumable: false, refunded: null } as const;
      expect(await world().ledger.close(claim, unread)).toBe(true);
      const change = await world().ledger.get(gone.principal, [gone.store], claim.id);
      expect(change).toMatchObject({ state: 'unknown', lines: null, effects: 2 });
      const { entries } = await world().ledger.list(gone.principal, {
        stores: [gone.store],
        orderId: '7001',
        limit: 10,
      });
      expect(entries.map(({ id }) => id)).toEqual([claim.id]);
    });

    it('goes back to how it stood when a run that sent nothing ends', async () => {
      const gone = await world().shop();
      const same = { idempotencyKey: randomUUID() };
      const old = await world().sent(gone, same);
      const images = imagesOf(['applied', 'not_sent'], { open: null });
      await world().ledger.close(old, { state: 'applied', images, resumable: true, refunded: 0 });
      const again = await world().taken(gone, same);
      await world().loseKey(gone);
      await world().ledger.abandon(again);
      const change = await world().ledger.get(gone.principal, [gone.store], old.id);
      expect(change).toMatchObject({ state: 'applied', resumable: true, effects: 1 });
    });
  });
}
