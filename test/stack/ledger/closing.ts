import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Claim } from '../../../src/changes/ledger.js';
import { settleByHand } from '../../../src/changes/settle-by-hand.js';
import { closing, DEAD_S, imagesOf, type LedgerWorld, PENDING, principalOf, type Shop } from './support.js';

export function closeContract(world: () => LedgerWorld): void {
  describe('closing', () => {
    let shop: Shop;
    const close = (claim: Claim, ...[outcome, refunded]: Parameters<typeof closing>) =>
      world().ledger.close(claim, closing(outcome, refunded));
    const entry = ({ id }: Claim) => world().ledger.get(shop.principal, [shop.store], id);
    /** A claim that was sent, whose run seems to be gone, and the claim of who took it. */
    const sentAndTaken = async (principal = shop.principal) => {
      const idempotencyKey = randomUUID();
      const writer = await world().sent(shop, { idempotencyKey, principal });
      await world().leaseOver(writer);
      const met = await world().ledger.claim(world().wanted(shop, { idempotencyKey, principal }));
      if (met.met !== 'to_settle') throw new Error(`met ${met.met}`);
      return { writer, sweeper: met.claim, idempotencyKey };
    };
    /** What is left of a cap of 5. */
    const capLeft = async (principal: Shop['principal']) => {
      for (let left = 5; left > 0; left -= 1) {
        const claim = await world().taken(shop, { principal });
        const fits = await world()
          .ledger.toPending(claim, { ...PENDING, effects: left, cap: 5 })
          .then(
            () => true,
            () => false,
          );
        await world().ledger.abandon(claim);
        if (fits) return left;
      }
      return 0;
    };

    beforeAll(async () => {
      shop = await world().shop();
    });

    it('says what became of it, and can be said again when the answer was lost', async () => {
      const claim = await world().sent(shop);
      expect(await close(claim, 'applied')).toBe(true);
      expect(await entry(claim)).toMatchObject({
        state: 'applied',
        lines: [{ outcome: 'applied' }],
        resumable: false,
      });
      expect(await close(claim, 'applied')).toBe(true);
    });

    it('is for nobody else', async () => {
      const claim = await world().sent(shop);
      expect(await close({ ...claim, owner: randomUUID() }, 'failed')).toBe(false);
      expect((await entry(claim)).state).toBe('pending');
      const other = await world().shop();
      expect(await close({ ...claim, tenantId: other.tenantId }, 'failed')).toBe(false);
      expect((await entry(claim)).state).toBe('pending');
    });

    it('of a step lets the next begin, which adds its effects', async () => {
      const claim = await world().sent(shop, {}, { effects: 2 });
      const images = imagesOf(['applied', 'not_sent'], { open: null });
      expect(
        await world().ledger.close(claim, { state: 'claimed', images, resumable: true, refunded: 1 }),
      ).toBe(true);
      await world().ledger.toPending(claim, { ...PENDING, effects: 3 });
      expect(await entry(claim)).toMatchObject({ state: 'pending', effects: 4 });
    });

    it('of a run that sent nothing leaves what was given back given back', async () => {
      const principal = principalOf(shop.tenantId);
      const idempotencyKey = randomUUID();
      const claim = await world().sent(shop, { principal, idempotencyKey }, { effects: 2, cap: 5 });
      await close(claim, 'not_sent', 2);
      const resumed = await world().taken(shop, { principal, idempotencyKey });
      const images = imagesOf(['already'], { open: null });
      const kept = { state: 'applied', images, resumable: false, refunded: null } as const;
      expect(await world().ledger.close(resumed, kept)).toBe(true);
      expect(await entry(claim)).toMatchObject({
        state: 'applied',
        effects: 0,
        resumable: false,
        lines: [{ outcome: 'already' }],
      });
      expect(await capLeft(principal)).toBe(5);
    });

    it.each(['unknown', 'failed', 'not_sent'] as const)(
      'by the writer corrects the verdict "%s" of who only looked',
      async (verdict) => {
        const { writer, sweeper } = await sentAndTaken();
        expect(await close(sweeper, verdict)).toBe(true);
        expect(await close(writer, 'applied')).toBe(true);
        expect((await entry(writer)).state).toBe('applied');
        expect(await close(sweeper, verdict)).toBe(false);
        expect((await entry(writer)).state).toBe('applied');
      },
    );

    it('by the writer while somebody looks goes before what that one finds', async () => {
      const { writer, sweeper } = await sentAndTaken();
      expect(await close(writer, 'applied')).toBe(true);
      expect(await close(sweeper, 'unknown')).toBe(false);
      expect((await entry(writer)).state).toBe('applied');
    });

    it('by the writer stops a run that is about to send it again', async () => {
      const { writer, sweeper, idempotencyKey } = await sentAndTaken();
      await close(sweeper, 'not_sent');
      const again = await world().taken(shop, { idempotencyKey });
      expect(await close(writer, 'applied')).toBe(true);
      await expect(world().ledger.toPending(again, PENDING)).rejects.toMatchObject({ code: 'in_progress' });
      expect((await entry(writer)).state).toBe('applied');
    });

    it('is not the first writer’s any more once another run has sent it', async () => {
      const { writer, sweeper, idempotencyKey } = await sentAndTaken();
      await close(sweeper, 'not_sent');
      const again = await world().sent(shop, { idempotencyKey });
      expect(await close(writer, 'failed')).toBe(false);
      expect(await close(again, 'applied')).toBe(true);
    });

    it('gives back what turned out to be no effect, and once', async () => {
      const principal = principalOf(shop.tenantId);
      const claim = await world().sent(shop, { principal }, { effects: 4, cap: 5 });
      expect(await capLeft(principal)).toBe(1);
      await close(claim, 'failed', 3);
      await close(claim, 'failed', 3);
      expect(await capLeft(principal)).toBe(4);
    });

    it('gives back what the writer says, whatever who only looked has given back before', async () => {
      const principal = principalOf(shop.tenantId);
      await world().sent(shop, { principal }, { effects: 2 });
      const agreed = await sentAndTaken(principal);
      await close(agreed.sweeper, 'not_sent', 1);
      expect((await entry(agreed.writer)).effects).toBe(0);
      await close(agreed.writer, 'failed', 1);
      expect((await entry(agreed.writer)).effects).toBe(0);
      expect(await capLeft(principal)).toBe(3);
      const corrected = await sentAndTaken(principal);
      await close(corrected.sweeper, 'not_sent', 1);
      await close(corrected.writer, 'applied', 0);
      expect((await entry(corrected.writer)).effects).toBe(1);
      expect(await capLeft(principal)).toBe(2);
    });

    it('is said once: repeated late, it takes nothing away from a run that goes on', async () => {
      const idempotencyKey = randomUUID();
      const writer = await world().sent(shop, { idempotencyKey });
      await close(writer, 'not_sent', 1);
      const again = await world().taken(shop, { idempotencyKey });
      expect(await close(writer, 'not_sent', 1)).toBe(false);
      await expect(world().ledger.toPending(again, PENDING)).resolves.toBeUndefined();
    });

    it('by the writer of an undo stands also where another has taken the change back by then', async () => {
      const { id: undoes } = await world().done(shop);
      const late = await world().sent(shop, { undoes });
      await world().leaseOver(late, DEAD_S);
      const looked = (await world().ledger.takeDead(1_000)).find(({ claim }) => claim.id === late.id);
      if (looked === undefined) throw new Error('not taken');
      await close(looked.claim, 'not_sent', 1);
      const other = await world().done(shop, { undoes });
      expect(await close(late, 'applied')).toBe(true);
      expect(await entry(late)).toMatchObject({
        state: 'applied',
        effects: 1,
        undoes: null,
        images: {
          remarks: ['A sentence.', expect.stringContaining('another has taken the same change back')],
        },
      });
      const change = await world().ledger.get(shop.principal, [shop.store], undoes);
      expect(change).toMatchObject({ undoneBy: other.id, undoneAs: 'applied' });
    });

    it.each([
      ['applied', 2, 3],
      ['failed', 1, 4],
    ] as const)('by a person, as %s, counts what was given back before', async (outcome, effects, left) => {
      const principal = principalOf(shop.tenantId);
      const claim = await world().sent(shop, { principal }, { effects: 3, cap: 5 });
      const images = imagesOf(['applied', 'unknown', 'not_sent'], { open: null });
      await world().ledger.close(claim, { state: 'unknown', images, resumable: true, refunded: 1 });
      await settleByHand({ ledger: world().ledger }, shop.tenantId, claim.id, outcome);
      expect((await entry(claim)).effects).toBe(effects);
      expect(await capLeft(principal)).toBe(left);
    });

    describe('without having sent anything', () => {
      it('leaves no row, no count and no used confirmation', async () => {
        const [principal, confirmation] = [principalOf(shop.tenantId), randomUUID()];
        const claim = await world().sent(shop, { principal }, { effects: 5, cap: 5, confirmation });
        await world().ledger.abandon(claim);
        await expect(entry(claim)).rejects.toMatchObject({ code: 'not_found' });
        expect(await capLeft(principal)).toBe(5);
        await expect(world().sent(shop, {}, { confirmation })).resolves.toBeDefined();
      });

      it('keeps lines that are done, and goes on with the rest', async () => {
        const idempotencyKey = randomUUID();
        const claim = await world().sent(shop, { idempotencyKey }, { effects: 1 });
        const images = imagesOf(['applied', 'not_sent'], { open: null });
        await world().ledger.close(claim, { state: 'claimed', images, resumable: true, refunded: 0 });
        const [first, second] = imagesOf(['applied', 'unknown']).lines;
        if (first === undefined || second === undefined) throw new Error('two lines');
        const open = { lines: [{ index: 1, line: second }], probe: null };
        await world().ledger.toPending(claim, {
          ...PENDING,
          images: { ...images, lines: [first, second], open },
          effects: 3,
        });
        await world().ledger.abandon(claim);
        expect(await entry(claim)).toMatchObject({
          state: 'applied',
          resumable: true,
          effects: 1,
          images: { lines: [{ outcome: 'applied' }, { outcome: 'not_sent' }], open: null },
        });
        expect(await world().ledger.claim(world().wanted(shop, { idempotencyKey }))).toMatchObject({
          met: 'taken',
        });
      });

      it('is for its sender alone to say: who took it over and looks cannot', async () => {
        const { writer, sweeper } = await sentAndTaken();
        await world().ledger.abandon(sweeper);
        await world().ledger.abandon(writer);
        expect((await entry(writer)).state).toBe('pending');
      });

      it('leaves what is finished as it is', async () => {
        const claim = await world().done(shop);
        await world().ledger.abandon(claim);
        expect((await entry(claim)).state).toBe('applied');
      });
    });
  });
}
