import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROW_FIELDS } from '../../../src/orders/row.js';
import { listOrdersTool } from '../../../src/tools/list-orders.js';
import { anAddress, aShipment } from './support/orders.js';
import { type Answer, aCall, call } from './support/ports.js';
import { orderAt } from './support/scan.js';
import { aShop, depsOfShops, type Shop } from './support/several-stores.js';

const RANGE = { added_from: '2026-01-01T00:00:00Z', added_to: '2026-01-02T00:00:00Z' };

const toolOf = (shops: readonly Shop[]) => listOrdersTool(depsOfShops(shops), 'named');

function filled(name: string, count: number, view = {}): Shop {
  const shop = aShop(name, view);
  shop.store.put(...Array.from({ length: count }, (_, index) => orderAt(index + 1, index)));
  return shop;
}

const partsOf = ({ data }: Answer) => data.by_store;
const idsOf = (part: { rows: { id: string }[] }) => part.rows.map(({ id }) => id);

describe('list_orders in several stores', () => {
  it('answers for each under its name, with its own total, zone and page', async () => {
    const shops = [filled('east', 3, { timeZone: 'Europe/London' }), filled('west', 30)];
    const answer = await call(toolOf(shops), { stores: ['WEST', 'east'], limit: 5 });
    expect(Object.keys(answer.data)).toEqual(['by_store']);
    expect(partsOf(answer)).toMatchObject([
      { store: 'west', time_zone: 'America/Los_Angeles', returned: 5, total: 30, total_exact: true },
      { store: 'east', time_zone: 'Europe/London', returned: 3, total: 3, next_cursor: null },
    ]);
    expect(idsOf(partsOf(answer)[0])).toEqual(['30', '29', '28', '27', '26']);
  });

  it('goes on store by store, with the cursor of each and the same other arguments', async () => {
    const shops = [filled('east', 7), filled('west', 9)];
    const tool = toolOf(shops);
    for (const search of [{ source_name: 'Shopify' }, { ...RANGE, sku: 'SHIRT-BLACK' }]) {
      const first = await call(tool, { ...search, stores: ['east', 'west'], limit: 4 });
      for (const [part, count] of [
        [partsOf(first)[0], 7],
        [partsOf(first)[1], 9],
      ]) {
        const { data } = await call(tool, { ...search, store: part.store, cursor: part.next_cursor });
        const counted = 'sku' in search ? { total: null, in_range: count } : { total: count };
        expect(part).toMatchObject(counted);
        expect(data).toMatchObject({ store: part.store, ...counted, next_cursor: null });
        const whole = Array.from({ length: count }, (_, index) => String(count - index));
        expect([...idsOf(part), ...idsOf(data)]).toEqual(whole);
      }
      const [east, west] = partsOf(first);
      await expect(
        call(tool, { ...search, store: west.store, cursor: east.next_cursor }),
      ).rejects.toMatchObject({ code: 'invalid_cursor' });
    }
  });

  it('finds folders and reads dates in each store by itself', async () => {
    const london = { timeZone: 'Europe/London', folders: [{ id: '77', name: 'New' }] };
    const shops = [aShop('east', london), aShop('west')];
    await call(toolOf(shops), { stores: ['east', 'west'], folder: 'New', added_from: '2026-01-05' });
    expect(shops[0]?.store.queries[0]).toMatchObject({
      folderIds: ['77'],
      addedFrom: new Date('2026-01-05T00:00:00Z'),
    });
    expect(shops[1]?.store.queries[0]).toMatchObject({
      folderIds: ['1'],
      addedFrom: new Date('2026-01-05T08:00:00Z'),
    });
  });

  it('reads a store that is named twice once, and says so', async () => {
    const shops = [filled('east', 1), filled('west', 1)];
    const answer = await call(toolOf(shops), { stores: ['east', 'west', 'EAST'] });
    expect(partsOf(answer).map(({ store }: { store: string }) => store)).toEqual(['east', 'west']);
    expect(answer.data.remarks).toEqual([expect.stringContaining('it was read once')]);
    expect(shops[0]?.store.queries).toHaveLength(1);
  });

  it('says once what all say, and with their names what some say', async () => {
    const shops = [
      filled('east', 1, { timeZone: null }),
      filled('west', 1, { timeZone: null }),
      filled('up', 1),
    ];
    const { data } = await call(toolOf(shops), { stores: ['east', 'west', 'up'], sort_by: 'date_updated' });
    expect(data.remarks).toEqual([
      expect.stringMatching(/^east, west: The time zone of this store is unknown/),
      expect.stringMatching(/^Only sort_by date_added can be paged/),
    ]);
    for (const part of data.by_store) expect(part).not.toHaveProperty('remarks');
  });

  it('keeps customers masked in each', async () => {
    const shops = [filled('east', 1), filled('west', 1)];
    const masker = { of: async () => (kind: string) => `${kind}-0000` };
    const tool = listOrdersTool(depsOfShops(shops, { masker }), 'named');
    const { data, text } = await call(tool, { stores: ['east', 'west'], fields: ['email', 'ship_to'] });
    expect(data.by_store).toMatchObject([
      { rows: [{ email: 'mail-0000', name: 'name-0000' }] },
      { rows: [{ email: 'mail-0000', name: 'name-0000' }] },
    ]);
    expect(text).not.toMatch(/Ada|Sample Street|ada@/);
  });

  it('is not offered to a caller bound to one store', async () => {
    const bound = listOrdersTool(depsOfShops([filled('east', 1)]), 'bound');
    await expect(call(bound, { stores: ['east'] })).rejects.toMatchObject({
      message: 'Unknown argument: stores.',
    });
    expect(JSON.stringify(bound.outputSchema)).not.toContain('by_store');
  });
});

describe('a scan of several stores', () => {
  it('tells one sum that only grows, and the total once all are known', async () => {
    const shops = [filled('east', 250), filled('west', 450)];
    const told: [number, number | undefined][] = [];
    const ctx = {
      ...aCall(),
      progress: async (progress: number, total?: number) => void told.push([progress, total]),
    };
    await call(toolOf(shops), { ...RANGE, stores: ['east', 'west'], sku: 'none' }, ctx);
    const sums = told.map(([progress]) => progress);
    expect(sums).toEqual([...new Set(sums)].toSorted((a, b) => a - b));
    expect(told[0]).toEqual([0, undefined]);
    expect(told.at(-1)).toEqual([700, 700]);
  });

  it('holds no more orders at once than two scans of one', async () => {
    const shops = Array.from({ length: 10 }, (_, index) => filled(`shop-${'abcdefghij'[index]}`, 600));
    const stores = shops.map(({ entry }) => entry.name);
    await call(toolOf(shops), { ...RANGE, stores, sku: 'none' });
    for (const { store } of shops) {
      expect(Math.max(...store.queries.map(({ limit }) => limit))).toBe(100);
    }
  });
});

describe('the size of the answers together', () => {
  const wide = '"'.repeat(200);
  const address = anAddress({ firstName: wide, lastName: wide, city: wide, country: wide });
  const shopsOf = (counts: readonly number[], long: boolean) =>
    counts.map((count, index) => {
      const shop = aShop(`${'"'.repeat(long ? 63 : 1)}${'abcdefghij'[index]}`, { timeZone: null });
      shop.store.put(
        ...Array.from({ length: count }, (_, order) =>
          orderAt(order + 1, order, {
            ...(long ? { shipping: address, sourceId: wide, sourceName: wide, paymentStatus: wide } : {}),
            shipments: Array.from({ length: 3 }, () => aShipment(long ? { trackingNumber: wide } : {})),
          }),
        ),
      );
      return shop;
    });

  it('is at most 20,000 characters, never cuts JSON, holds to the schema, and every list goes on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(40), { minLength: 1, maxLength: 10 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 100 }),
        fc.subarray([...ROW_FIELDS]),
        fc.constantFrom({}, { ...RANGE, sku: 'SHIRT-BLACK' }),
        async (counts, long, limit, fields, search) => {
          const shops = shopsOf(counts, long);
          const tool = toolOf(shops);
          const validate = new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {});
          const stores = shops.map(({ entry }) => entry.name);
          const { data, text } = await call(tool, { stores, limit, fields, ...search });
          expect(text.length).toBeLessThanOrEqual(20_000);
          expect(JSON.parse(text.split('\n').slice(1, -1).join('\n'))).toEqual(data);
          expect(validate(data)).toMatchObject({ valid: true });
          for (const [index, part] of data.by_store.entries()) {
            const count = counts[index] ?? 0;
            const counted = 'sku' in search ? { total: null, in_range: count } : { total: count };
            expect(part).toMatchObject({ ...counted, returned: part.rows.length });
            const isCut = part.rows.length < Math.min(limit, count);
            expect(part.trimmed_by).toBe(isCut ? 'size' : null);
            if (part.rows.length > 0) expect(part.next_cursor === null).toBe(part.rows.length === count);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is shared: a store that needs little leaves the rest to the others', async () => {
    const shops = [filled('east', 1), filled('west', 90), filled('north', 90)];
    const { data, text } = await call(toolOf(shops), { stores: ['east', 'west', 'north'], limit: 100 });
    const [east, west, north] = data.by_store;
    expect(east).toMatchObject({ returned: 1, trimmed_by: null });
    for (const part of [west, north]) {
      expect(part).toMatchObject({ trimmed_by: 'size', next_cursor: expect.any(String) });
      expect(part.returned).toBeGreaterThan(15);
    }
    expect(Math.abs(west.returned - north.returned)).toBeLessThanOrEqual(1);
    expect(text.length).toBeGreaterThan(16_500);
  });
});
