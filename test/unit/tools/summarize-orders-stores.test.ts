import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { OrderView } from '../../../src/orderdesk/views.js';
import { summarizeOrdersTool } from '../../../src/tools/summarize-orders.js';
import { anItem, aView } from './support/orders.js';
import { type Answer, aCall, call } from './support/ports.js';
import { orderAt } from './support/scan.js';
import { aShop, depsOfShops, type Shop } from './support/several-stores.js';

const RANGE = { added_from: '2026-01-01T00:00:00Z', added_to: '2026-01-02T00:00:00Z' };

const toolOf = (shops: readonly Shop[]) => summarizeOrdersTool(depsOfShops(shops), 'named');
const namesOf = (shops: readonly Shop[]) => shops.map(({ entry }) => entry.name);
const partsOf = ({ data }: Answer) => data.by_store;

function filled(shop: Shop, count: number, change: (index: number) => Partial<OrderView> = () => ({})): Shop {
  shop.store.put(...Array.from({ length: count }, (_, index) => orderAt(index + 1, index, change(index))));
  return shop;
}

describe('summarize_orders in several stores', () => {
  it('gives each its own summary, currency and coverage, and no sum over them', async () => {
    const shops = [
      filled(aShop('east', { timeZone: 'Europe/London', locale: 'en_GB', country: 'GB' }), 3),
      filled(aShop('west'), 5),
    ];
    const answer = await call(toolOf(shops), { ...RANGE, stores: ['east', 'west'], group_by: 'source' });
    expect(Object.keys(answer.data).toSorted()).toEqual(['by_store', 'remarks']);
    expect(answer.data.remarks).toEqual([expect.stringContaining('No folder of this store is known')]);
    expect(partsOf(answer)).toMatchObject([
      {
        store: 'east',
        time_zone: 'Europe/London',
        assumed_currency: 'GBP',
        coverage: { scanned: 3, total: 3, total_exact: true, complete: true },
        totals: { orders: 3, revenue: '66.51' },
        groups: [{ key: 'Shopify', orders: 3 }],
      },
      { store: 'west', assumed_currency: 'USD', coverage: { scanned: 5 }, totals: { orders: 5 } },
    ]);
  });

  it('is what each store answers alone, but for the remarks', async () => {
    const shops = [filled(aShop('east'), 30), filled(aShop('west', { timeZone: null }), 40)];
    const tool = toolOf(shops);
    for (const group_by of ['day', 'sku', 'folder']) {
      const together = await call(tool, { ...RANGE, stores: ['east', 'west'], group_by });
      for (const part of partsOf(together)) {
        const { remarks: _said, ...alone } = (await call(tool, { ...RANGE, store: part.store, group_by }))
          .data;
        expect(part).toEqual(alone);
      }
    }
  });

  it('shares among the stores how many groups are kept', async () => {
    const many = (shop: Shop) =>
      filled(shop, 12, (index) => ({
        items: Array.from({ length: 100 }, (_, item) => anItem({ code: `SKU-${index}-${item}` })),
      }));
    const shops = Array.from('abcdefghij', (letter) => many(aShop(`shop-${letter}`)));
    const one = { ...RANGE, group_by: 'sku', top: 1 };
    const alone = await call(toolOf(shops), { ...one, store: 'shop-a' });
    expect(alone.data.groups.length + alone.data.other.groups).toBe(1_200);
    const together = await call(toolOf(shops), { ...one, stores: namesOf(shops) });
    for (const { groups, other } of partsOf(together)) expect(groups.length + other.groups).toBe(1_000);
    expect(together.data.remarks).toContainEqual(expect.stringContaining('too many groups'));
  });

  it('leaves out what means canceled in each store, by its own configuration', async () => {
    const shops = [filled(aShop('east'), 2), filled(aShop('west'), 2)].map((shop, index) =>
      index === 0 ? shop : { ...shop, entry: { ...shop.entry, folderStates: { 1: 'canceled' as const } } },
    );
    const answer = await call(toolOf(shops), { ...RANGE, stores: ['east', 'west'] });
    expect(partsOf(answer)).toMatchObject([
      { totals: { orders: 2 }, left_out: { folders: [], orders: 0 } },
      { totals: { orders: 0 }, left_out: { folders: [{ name: 'New', by: 'owner' }], orders: 2 } },
    ]);
    expect(answer.data.remarks).toEqual([expect.stringMatching(/^east: No folder of this store is known/)]);
  });

  it('shows what a store failed with beside the others, and fails with the last of them', async () => {
    const shops = [filled(aShop('east'), 2), filled(aShop('west'), 2)];
    const [east, west] = shops;
    if (east === undefined || west === undefined) throw new Error('two shops');
    west.trouble = new AppError('upstream_unavailable');
    const tool = toolOf(shops);
    const answer = await call(tool, { ...RANGE, stores: ['east', 'west'] });
    expect(partsOf(answer)).toMatchObject([
      { totals: { orders: 2 } },
      { store: 'west', error: { code: 'upstream_unavailable' } },
    ]);
    east.trouble = west.trouble;
    await expect(call(tool, { ...RANGE, stores: ['east', 'west'] })).rejects.toMatchObject({
      code: 'upstream_unavailable',
    });
  });

  it('says of each how far it came when time runs out', async () => {
    const shops = [filled(aShop('east'), 450), filled(aShop('west'), 20)];
    const ctx = { ...aCall(), deadlineAt: performance.now() + 3_000 };
    const answer = await call(toolOf(shops), { ...RANGE, stores: ['east', 'west'] }, ctx);
    const [east, west] = partsOf(answer);
    expect(east.coverage).toMatchObject({ complete: false, total: 450 });
    expect(east.totals.orders).toBe(east.coverage.scanned);
    expect(west.coverage).toMatchObject({ complete: true, scanned: 20 });
    expect(answer.data.remarks).toContainEqual(expect.stringMatching(/^east: Not the whole range/));
  });

  it.each([
    [{ ...RANGE, stores: ['east'], store: 'east' }, 'invalid_argument', 'stores'],
    [{ ...RANGE, stores: ['Atlantis', 'east'] }, 'unknown_store', 'stores.0'],
    [{ stores: ['east', 'west'] }, 'invalid_argument', 'added_from'],
    [
      { stores: ['east', 'west'], added_from: '2024-01-01', added_to: '2026-01-01' },
      'invalid_argument',
      'added_from',
    ],
  ])('refuses %j', async (args, code, field) => {
    const shops = [aShop('east'), aShop('west')];
    await expect(call(toolOf(shops), args)).rejects.toMatchObject({ code, field });
    expect(shops.map(({ store }) => store.queries)).toEqual([[], []]);
  });
});

describe('the size of the summaries together', () => {
  /** Sums of these have as many digits as sums can have. */
  const WIDEST = [`-${'9'.repeat(11)}.${'9'.repeat(11)}`, '9'.repeat(24), `.${'9'.repeat(23)}`];
  const folders = Array.from({ length: 30 }, (_, index) => ({
    id: `${index}`,
    name: `${index} ${'"'.repeat(90)} void`.replace(/^1 .*/, 'New'),
  }));

  function wide(index: number): Partial<OrderView> {
    const amount = WIDEST[index % 3] ?? '';
    const each = { order: amount, shipping: amount, tax: amount, discount: amount, refund: amount };
    return {
      folderId: String(1 + (index % 2)),
      sourceName: `${index}${'"'.repeat(150)}`,
      totals: { ...aView().totals, ...each },
      items: [
        anItem({ code: `${index}${'"'.repeat(150)}`, price: amount }),
        anItem({ price: '9'.repeat(30) }),
      ],
    };
  }

  it('is at most 20,000 characters, whatever the stores hold, and loses no order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 10 }),
        fc.constantFrom('source', 'sku', undefined),
        fc.integer({ min: 1, max: 100 }),
        fc.boolean(),
        async (counts, group_by, top, hurried) => {
          const shops = counts.map((count, index) =>
            filled(
              aShop(`${'"'.repeat(63)}${'abcdefghij'[index]}`, { timeZone: null, locale: null, folders }),
              count,
              wide,
            ),
          );
          const tool = toolOf(shops);
          const validate = new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {});
          const ctx = hurried ? { ...aCall(), deadlineAt: performance.now() + 3_000 } : aCall();
          const args = { ...RANGE, stores: namesOf(shops), top, ...(group_by ? { group_by } : {}) };
          const { data, text } = await call(tool, args, ctx);
          expect(text.length).toBeLessThanOrEqual(20_000);
          expect(JSON.parse(text.split('\n').slice(1, -1).join('\n'))).toEqual(data);
          expect(validate(data)).toMatchObject({ valid: true });
          for (const { groups = [], other, totals, trimmed_by } of data.by_store) {
            if (group_by !== 'source') continue;
            const counted = groups.reduce((sum: number, { orders }: { orders: number }) => sum + orders, 0);
            expect(counted + (other?.orders ?? 0)).toBe(totals.orders);
            expect(trimmed_by).toBe(groups.length < Math.min(top, totals.orders) ? 'size' : null);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('at its largest leaves room for a summary of each of ten', async () => {
    const shops = [...'abcdefghij'].map((name) =>
      filled(aShop(`${'"'.repeat(63)}${name}`, { folders }), 60, wide),
    );
    const { data, text } = await call(toolOf(shops), {
      ...RANGE,
      stores: namesOf(shops),
      group_by: 'source',
    });
    expect(text.length).toBeLessThanOrEqual(20_000);
    for (const part of data.by_store) expect(part.totals.orders + part.left_out.orders).toBe(60);
  });
});
