import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EVERYTHING } from '../../support/scopes.js';
import {
  closing,
  imagesOf,
  type LedgerWorld,
  line,
  PERSONAL,
  principalOf,
  type Shop,
  storeOf,
} from './support.js';

const dumped = z.object({ dump: z.string() });

export function readContract(world: () => LedgerWorld): void {
  describe('reading', () => {
    let shop: Shop;
    let ids: string[];
    const second = { keyName: 'second key' };
    const list = (filter: object = {}) =>
      world().ledger.list(shop.principal, { stores: [shop.store], limit: 100, ...filter });
    const idsOf = async (filter: object) => (await list(filter)).entries.map(({ id }) => id);

    beforeAll(async () => {
      shop = await world().shop();
      const other = principalOf(shop.tenantId, second);
      const [, ...made] = [
        '',
        (await world().done(shop)).id,
        (await world().done(shop, { principal: other }, { lines: [line('applied', '42')] })).id,
        (await world().sent(shop)).id,
      ];
      ids = made;
    });

    it('lists the newest first, page by page', async () => {
      expect(await idsOf({})).toEqual(ids.toReversed());
      const first = await list({ limit: 2 });
      expect(first.hasMore).toBe(true);
      const rest = await list({ limit: 2, after: first.entries[1]?.id });
      expect(rest.hasMore).toBe(false);
      expect([...first.entries, ...rest.entries].map(({ id }) => id)).toEqual(ids.toReversed());
      await expect(list({ after: 'x' })).rejects.toMatchObject({ code: 'invalid_cursor' });
    });

    it('filters by order, key, state and time', async () => {
      const [, byOther = '', sent = ''] = ids;
      expect(await idsOf({ orderId: '42' })).toEqual([byOther]);
      expect(await idsOf({ orderId: '4' })).toEqual([]);
      expect(await idsOf({ key: 'second key' })).toEqual([byOther]);
      const [entry] = (await list({ key: 'second key' })).entries;
      expect(await idsOf({ key: entry?.kid })).toEqual([byOther]);
      expect(await idsOf({ state: 'pending' })).toEqual([sent]);
      expect(await idsOf({ since: new Date(Date.now() + 3_600_000) })).toEqual([]);
      expect(await idsOf({ since: new Date(Date.now() - 3_600_000) })).toHaveLength(3);
    });

    it('tells who did what to what', async () => {
      const [first] = ids;
      expect(await world().ledger.get(shop.principal, [shop.store], first ?? '')).toMatchObject({
        id: first,
        store: { rowId: shop.store.rowId, name: 'Main', orderDeskId: '1001' },
        keyName: 'made-up key',
        kid: shop.principal.kid,
        keyId: shop.principal.keyId,
        client: 'made-up client 1.0',
        tool: 'update_order',
        kind: 'order_update',
        state: 'applied',
        lines: [line('applied', '7001')],
        undoable: true,
        undoes: null,
        undoneBy: null,
      });
    });

    it('links a change and its undo', async () => {
      const one = await world().done(shop);
      const undo = await world().done(shop, { undoes: one.id });
      const [undone, undoing] = await Promise.all(
        [one, undo].map(({ id }) => world().ledger.get(shop.principal, [shop.store], id)),
      );
      expect(undone).toMatchObject({ undoneBy: undo.id, undoable: false });
      expect(undoing).toMatchObject({ undoes: one.id, undoneBy: null, undoable: true });
      const refused = await world().done(shop);
      const failed = await world().sent(shop, { undoes: refused.id });
      await world().ledger.close(failed, closing('failed'));
      expect(await world().ledger.get(shop.principal, [shop.store], refused.id)).toMatchObject({
        undoneBy: null,
      });
    });

    it('says the same of what is unknown, another tenant’s and outside the scope', async () => {
      const other = await world().shop();
      const theirs = await world().done(other);
      const [mine = ''] = ids;
      const elsewhere = storeOf(shop.tenantId, '1002');
      const bound = { ...shop.principal, scope: { ...EVERYTHING, stores: [elsewhere.rowId] } };
      const attempts = [
        world().ledger.get(shop.principal, [shop.store], randomUUID()),
        world().ledger.get(shop.principal, [shop.store], 'no id at all'),
        world().ledger.get(shop.principal, [shop.store, other.store], theirs.id),
        world().ledger.get(shop.principal, [elsewhere], mine),
        world().ledger.get(bound, [shop.store, elsewhere], mine),
      ];
      const errors = await Promise.all(attempts.map((attempt) => attempt.catch((thrown: unknown) => thrown)));
      expect(errors[0]).toMatchObject({ code: 'not_found' });
      expect(new Set(errors.map((error) => JSON.stringify([String(error), error])))).toHaveProperty(
        'size',
        1,
      );
      expect(
        (await world().ledger.list(bound, { stores: [shop.store, elsewhere], limit: 9 })).entries,
      ).toEqual([]);
      expect(
        (await world().ledger.list(other.principal, { stores: [other.store, shop.store], limit: 9 })).entries,
      ).toHaveLength(1);
    });

    it('finds nothing of customers in a dump without the ring', async () => {
      await world().done(shop, {}, { refusal: { code: 'not_found', message: 'x', quoted: PERSONAL } });
      const rows = await world().database.asTenant(shop.tenantId, (tx) =>
        tx.rows(
          dumped,
          `select to_jsonb(c)::text || encode(coalesce(images, ''), 'escape') as dump from changes c
           union all select to_jsonb(w)::text from write_counts w
           union all select to_jsonb(u)::text from used_confirmations u`,
        ),
      );
      expect(rows.length).toBeGreaterThan(4);
      const text = rows.map(({ dump }) => dump).join('\n');
      expect(text).toContain('order:7001');
      for (const word of [PERSONAL, 'Ada', 'Made-up', 'shipping', 'A sentence'])
        expect(text).not.toContain(word);
    });

    it('shows no lines once the data key of the tenant is destroyed, and still who did what', async () => {
      const gone = await world().shop();
      const { id } = await world().done(gone, {}, imagesOf(['applied']));
      await world().database.asTenant(gone.tenantId, (tx) => tx.run('delete from tenant_data_keys'));
      world().keys.forget(gone.tenantId);
      const change = await world().ledger.get(gone.principal, [gone.store], id);
      expect(change).toMatchObject({ state: 'applied', images: null, lines: null, undoable: false });
      const { entries } = await world().ledger.list(gone.principal, { stores: [gone.store], limit: 9 });
      expect(entries).toMatchObject([{ id, lines: null }]);
    });
  });
}
