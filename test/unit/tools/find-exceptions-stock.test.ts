import { describe, expect, it } from 'vitest';
import { fresh, idsAndChecks, shop } from './support/exceptions.js';
import { anAddress, anItem, aShipment } from './support/orders.js';
import { call } from './support/ports.js';

const check = { checks: ['item_without_stock'] };
const wants = (code: string) => ({ ...fresh, items: [anItem({ code, quantity: 1 })] });

describe('find_exceptions, of goods without stock', () => {
  it.each([
    [false, ['1', '2'], undefined],
    [true, ['2'], undefined],
    [null, ['2'], expect.stringContaining('do not say whether Order Desk takes orders off the stock')],
  ])('goes by the setting that lets the stock follow sales: %s', async (stockFollowsSales, ids, reason) => {
    const orders = [wants('LAST'), wants('OVERSOLD'), wants('PLENTY')];
    const held = { LAST: '0', OVERSOLD: '-1', PLENTY: '7' };
    const { data } = await call(shop(orders, held, undefined, { stockFollowsSales }).tool(), check);
    expect(data.findings.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(data.counts).toEqual({ item_without_stock: ids.length });
    expect(data.not_done?.[0].reason).toEqual(reason);
  });

  it('says once that a store may keep no inventory, where it has none of the codes', async () => {
    const orders = Array.from({ length: 30 }, (_, index) => wants(`S${index}`));
    const { data } = await call(shop(orders, {}).tool(), check);
    expect([data.findings, data.counts]).toEqual([[], {}]);
    expect(data.not_done).toEqual([
      {
        check: 'item_without_stock',
        reason: expect.stringContaining('has none of these codes; this store may not keep it.'),
      },
    ]);
  });

  it('agrees with the other checks on what was sent, in whatever spelling shipments name it', async () => {
    const sent = [aShipment({ items: [{ id: '0', code: 'shirt ', quantity: 1 }] })];
    const orders = [{ ...wants('SHIRT'), shipments: sent }, wants('MUG')];
    const args = { checks: ['unshipped_too_long', 'item_without_stock'], older_than_days: 0 };
    const { data } = await call(shop(orders, { SHIRT: '0', MUG: '1' }).tool(), args);
    expect(idsAndChecks(data)).toEqual(['2 unshipped_too_long']);
  });

  it('names a code that it could not look up as a masked key may see it', async () => {
    const jane = anAddress({ firstName: 'Jane', lastName: 'Doe' });
    const order = {
      ...wants('MUG,jane@example.com'),
      email: 'jane@example.com',
      shipping: jane,
      customer: jane,
    };
    const { tool } = shop([order, { ...wants('CUP-JANE-DOE'), shipping: jane, customer: jane }]);
    const masker = { of: async () => (kind: string) => `${kind}-0` };
    const masked = await call(tool({ masker }), check);
    expect(masked.text).not.toMatch(/jane/i);
    expect(masked.data.not_done[0].reason).toMatch(/Not known: ".*-0.*", ".*-0"\.$/);
    const open = await call(tool(), check);
    expect(open.data.not_done[0].reason).toContain('Not known: "MUG,jane@example.com", "CUP-JANE-DOE".');
  });
});
