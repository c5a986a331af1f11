/** Dates in the time zone of a store, over the days on which its clocks change: the list and the groups of a summary. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReadWorld, startReadWorld, walkOrders } from '../../support/reads/world.js';
import { CLOCKS, DAYS, GROUPINGS, ZONES, type ZoneName } from '../../support/reads/zone-tables.js';

const storeOf = (zone: ZoneName) => ({
  id: String(10_001 + ZONES.indexOf(zone)),
  apiKey: `key-of-${zone}`,
  name: zone,
  timeZone: zone,
  orderCount: 0,
});

const EDGES = { id: 1, name: 'Edges' };
const GRID = { id: 2, name: 'Grid' };

const HALF_HOUR = 1_800;
const inZulu = (utc: string): string => `${utc.replace(' ', 'T')}Z`;
const shifted = (utc: string, seconds: number): string =>
  new Date(Date.parse(inZulu(utc)) + seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ');

/** Each end of each range, and a second to either side. */
const edges = [
  ...new Set(
    [...DAYS, ...CLOCKS].flatMap(([, , , first, end]) =>
      [first, end].flatMap((utc) => [shifted(utc, -1), utc, shifted(utc, 1)]),
    ),
  ),
].sort();

describe('dates in the time zone of the store', () => {
  let world: ReadWorld;

  beforeAll(async () => {
    world = await startReadWorld({ stores: ZONES.map(storeOf) });
    for (const store of world.sandbox.stores) {
      store.replaceData({ folders: [EDGES, GRID], orders: [], history: new Map(), inventory: [] });
      const insert = (folder: typeof EDGES, utc: string) =>
        store.insertOrder({ folder_id: folder.id, date_added: utc, order_total: 1 });
      for (const utc of edges) insert(EDGES, utc);
      for (const [zone, begins] of GROUPINGS.filter(([zone]) => zone === store.name)) {
        for (let half = 0; half < 144; half += 1) insert(GRID, shifted(begins, half * HALF_HOUR));
        expect(zone).toBe(store.timeZone);
      }
    }
  });
  afterAll(() => world.close());

  it.each([...DAYS, ...CLOCKS])('%s to %s in %s is from %s until before %s UTC', async (...given) => {
    const [from, to, zone, first, end] = given;
    const args = { store: zone, folder: EDGES.name, added_from: from, added_to: to };
    const { pages } = await walkOrders(world, { ...args, sort: 'asc' }, [100]);
    const expected = edges.filter((utc) => utc >= first && utc < end);
    expect(expected).toContain(first);
    expect(expected).not.toContain(end);
    const rows = pages.flatMap((page) => page.rows.map(({ added }: { added: string }) => added));
    expect(rows).toEqual(expected.map(inZulu));
    expect(pages[0]).toMatchObject({ time_zone: zone, total: expected.length, total_exact: true });
    const summary = await world.call('summarize_orders', args);
    expect(summary).toMatchObject({
      time_zone: zone,
      coverage: { from: inZulu(first), to: inZulu(end), scanned: expected.length, complete: true },
      totals: { orders: expected.length },
    });
  });

  it.each(DAYS.filter(([from, to]) => from === to))(
    'the group of the day %s to %s in %s is from %s until before %s UTC',
    async (...given) => {
      const [day, , zone, first, end] = given;
      const { groups } = await world.call('summarize_orders', {
        store: zone,
        folder: EDGES.name,
        added_from: inZulu(shifted(first, -1)),
        added_to: inZulu(shifted(end, 1)),
        group_by: 'day',
      });
      const inside = edges.filter((utc) => utc >= first && utc < end).length;
      expect(groups.map(({ key, orders }: { key: string; orders: number }) => [key, orders])).toEqual([
        [shifted(`${day} 00:00:00`, 86_400).slice(0, 10), 1],
        [day, inside],
        [shifted(`${day} 00:00:00`, -86_400).slice(0, 10), 1],
      ]);
    },
  );

  it.each(GROUPINGS)(
    'days, weeks and months in %s, from %s UTC',
    async (zone, begins, days, weeks, months) => {
      const args = {
        store: zone,
        folder: GRID.name,
        added_from: inZulu(begins),
        added_to: inZulu(shifted(begins, 144 * HALF_HOUR)),
      };
      for (const [group_by, expected] of [
        ['day', days],
        ['week', weeks],
        ['month', months],
      ] as const) {
        const { groups } = await world.call('summarize_orders', { ...args, group_by });
        expect(groups.map(({ key, orders }: { key: string; orders: number }) => [key, orders])).toEqual(
          expected,
        );
      }
    },
  );
});
