/** Summaries over the Order Desk client against a simulated Order Desk, held against sums over its own records. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { GROUPINGS } from '../../../src/orders/summary.js';
import {
  type OrderRecord,
  type Sandbox,
  type SandboxSwitches,
  startSandbox,
} from '../../../src/sandbox/index.js';
import { summarizeOrdersTool } from '../../../src/tools/summarize-orders.js';
import { orderDeskOn } from '../../support/order-desk-on.js';
import { aStoreEntry, call, directoryOf, toolDeps } from '../../unit/tools/support/ports.js';

const ANCHOR = new Date('2026-04-20T00:00:00Z');
const TIME_ZONE = 'Australia/Sydney';
const STORE = {
  id: '10002',
  apiKey: 'key-of-10002',
  name: 'Second',
  timeZone: TIME_ZONE,
  anchor: ANCHOR,
  orderCount: 600,
};
const QUERIES = 12;

const worlds: readonly Partial<SandboxSwitches>[] = [
  { endDate: 'exclusive', ties: 'by_id', sourceIdFilter: 'exact' },
  { endDate: 'inclusive', ties: 'shuffled', sourceIdFilter: 'contains' },
];

/** Amounts of the simulated store are whole cents. */
const cents = (amount: number): number => Math.round(amount * 100);
const shown = (sum: number): string =>
  `${sum < 0 ? '-' : ''}${Math.floor(Math.abs(sum) / 100)}.${String(Math.abs(sum) % 100).padStart(2, '0')}`;
const sumOf = <T>(each: readonly T[], of: (one: T) => number): number =>
  each.reduce((sum, one) => sum + of(one), 0);

const instantOf = ({ date_added }: OrderRecord): number => Date.parse(`${date_added.replace(' ', 'T')}Z`);
const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

const isSent = (deliveryType: string): boolean => !['noship', 'download'].includes(deliveryType);

const days = new Intl.DateTimeFormat('en-CA', { timeZone: TIME_ZONE });

describe.each(worlds)('summarize_orders, where Order Desk behaves as %j', (switches) => {
  let sandbox: Sandbox;
  let orderDesk: OrderDesk;
  let tool: ToolDefinition;

  beforeAll(async () => {
    sandbox = await startSandbox({ stores: [STORE], rateLimit: false, switches });
    orderDesk = orderDeskOn(sandbox, STORE);
    const directory = directoryOf(aStoreEntry({ orderDeskId: STORE.id }));
    tool = summarizeOrdersTool(toolDeps(orderDesk.gateway, { directory }), 'named');
  });

  afterAll(async () => {
    await orderDesk.close();
    await sandbox.close();
  });

  const folderName = (id: number): string | null =>
    sandbox
      .store(STORE.id)
      .folders()
      .find((folder) => folder.id === id)?.name ?? null;

  const keys: Readonly<Record<string, (order: OrderRecord) => string | null>> = {
    day: (order) => days.format(instantOf(order)),
    month: (order) => days.format(instantOf(order)).slice(0, 7),
    source: (order) => orNull(order.source_name),
    folder: (order) => folderName(order.folder_id),
    country: ({ shipping, customer }) => orNull(shipping.country) ?? orNull(customer.country),
    payment_status: (order) => orNull(order.payment_status),
    shipping_method: (order) => orNull(order.shipping_method),
  };

  it('equals the sums over its records, for any range, folders and grouping', async () => {
    const held = sandbox.store(STORE.id).orders();
    const folders = sandbox.store(STORE.id).folders();
    const validate = new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {});
    const dates = held.map(instantOf);
    const range = fc
      .tuple(fc.constantFrom(...dates), fc.constantFrom(...dates))
      .filter(([one, other]) => one !== other)
      .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);
    await fc.assert(
      fc.asyncProperty(
        range,
        fc.constantFrom(...Object.keys(keys)),
        fc.option(
          fc.subarray(
            folders.map(({ name }) => name),
            { minLength: 1 },
          ),
          { nil: undefined },
        ),
        async ([from, to], grouping, folder) => {
          const { data } = await call(tool, {
            added_from: new Date(from).toISOString(),
            added_to: new Date(to).toISOString(),
            group_by: grouping,
            top: 100,
            ...(folder === undefined ? {} : { folder }),
          });
          expect(validate(data)).toMatchObject({ valid: true });
          const matching = held.filter(
            (order) =>
              instantOf(order) >= from &&
              instantOf(order) < to &&
              (folder === undefined || folder.includes(folderName(order.folder_id) ?? '')),
          );
          const counted = matching.filter(
            (order) => folder !== undefined || folderName(order.folder_id) !== 'Canceled',
          );
          expect(data.coverage).toMatchObject({
            scanned: matching.length,
            total: matching.length,
            complete: true,
          });
          expect(data.left_out).toMatchObject({
            folders: folder === undefined ? [{ name: 'Canceled', by: 'name' }] : [],
            orders: matching.length - counted.length,
          });
          expect(data.totals).toMatchObject({
            orders: counted.length,
            units: String(sumOf(counted, (order) => order.quantity_total)),
            revenue: shown(sumOf(counted, (order) => cents(order.order_total))),
            shipping: shown(sumOf(counted, (order) => cents(order.shipping_total))),
            tax: shown(sumOf(counted, (order) => cents(order.tax_total))),
            discount: shown(sumOf(counted, (order) => cents(order.discount_total))),
            refunds: shown(sumOf(counted, (order) => cents(order.refund_total))),
          });
          const groups = new Map<string | null, OrderRecord[]>();
          for (const order of counted) {
            const key = keys[grouping]?.(order) ?? null;
            groups.set(key, [...(groups.get(key) ?? []), order]);
          }
          expect(
            new Map(
              data.groups.map((row: { key: string; orders: number; revenue: string }) => [
                row.key,
                [row.orders, row.revenue],
              ]),
            ),
          ).toEqual(
            new Map(
              [...groups].map(([key, orders]) => [
                key,
                [orders.length, shown(sumOf(orders, (order) => cents(order.order_total)))],
              ]),
            ),
          );
        },
      ),
      { numRuns: QUERIES },
    );
  });

  it('tells how many orders of three days were not shipped, by channel', async () => {
    const { data } = await call(tool, {
      shipped: 'no',
      added_from: '2026-04-17',
      added_to: '2026-04-19',
      group_by: 'source',
    });
    const inRange = sandbox
      .store(STORE.id)
      .orders()
      .filter((order) => ['2026-04-17', '2026-04-18', '2026-04-19'].includes(days.format(instantOf(order))));
    const unshipped = inRange.filter(
      ({ order_shipments, order_items }) =>
        order_shipments.length === 0 && order_items.some(({ delivery_type }) => isSent(delivery_type)),
    );
    const counted = unshipped.filter((order) => folderName(order.folder_id) !== 'Canceled');
    const channels = new Map<string | null, number>();
    for (const { source_name } of counted) {
      channels.set(orNull(source_name), (channels.get(orNull(source_name)) ?? 0) + 1);
    }
    expect(counted.length).toBeGreaterThan(5);
    expect(inRange.length).toBeGreaterThan(unshipped.length);
    expect(data.coverage).toMatchObject({ scanned: inRange.length, total: inRange.length, complete: true });
    expect(data.totals.orders).toBe(counted.length);
    expect(data.left_out.orders).toBe(unshipped.length - counted.length);
    expect(
      new Map(data.groups.map(({ key, orders }: { key: string; orders: number }) => [key, orders])),
    ).toEqual(channels);
    expect(data).not.toHaveProperty('other');
  });

  it('loses no order to any grouping: rows and the other one are the totals', async () => {
    const range = { added_from: '2026-03-20', added_to: '2026-04-19' };
    for (const group_by of GROUPINGS.filter((grouping) => grouping !== 'sku')) {
      const { data } = await call(tool, { ...range, group_by, top: 3 });
      const rows: { orders: number }[] = [...data.groups, ...(data.other === undefined ? [] : [data.other])];
      expect(data.groups.length).toBeLessThanOrEqual(3);
      expect({ group_by, orders: sumOf(rows, ({ orders }) => orders) }).toEqual({
        group_by,
        orders: data.totals.orders,
      });
    }
  });

  it('sums every line of every order that counts, by SKU', async () => {
    const { data } = await call(tool, {
      added_from: '2026-01-01',
      added_to: '2026-12-31',
      group_by: 'sku',
      top: 100,
    });
    const lines = sandbox
      .store(STORE.id)
      .orders()
      .filter((order) => folderName(order.folder_id) !== 'Canceled')
      .flatMap((order) => order.order_items);
    const rows: { units: string; item_total: string }[] = [
      ...data.groups,
      ...(data.other === undefined ? [] : [data.other]),
    ];
    expect(sumOf(rows, ({ units }) => Number(units))).toBe(sumOf(lines, ({ quantity }) => quantity));
    expect(sumOf(rows, ({ item_total }) => cents(Number(item_total)))).toBe(
      sumOf(lines, ({ price, quantity }) => cents(price) * quantity),
    );
  });
});
