/** Scans over the Order Desk client against a simulated Order Desk: what was read is what a look at its records gives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { type Sandbox, type SandboxSwitches, startSandbox } from '../../../src/sandbox/index.js';
import type { OrderRecord } from '../../../src/sandbox/types.js';
import { listOrdersTool } from '../../../src/tools/list-orders.js';
import { orderDeskOn } from '../../support/order-desk-on.js';
import { aCall, aStoreEntry, call, directoryOf, toolDeps } from '../../unit/tools/support/ports.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'First', orderCount: 600 };

const worlds: readonly {
  readonly switches: Partial<SandboxSwitches>;
  /** Answers above this are cut off. */
  readonly maxBodyBytes: number;
}[] = [
  { switches: { endDate: 'exclusive', ties: 'by_id' }, maxBodyBytes: 32_000_000 },
  { switches: { endDate: 'inclusive', ties: 'shuffled' }, maxBodyBytes: 150_000 },
];

describe.each(worlds)('scan filters, where Order Desk behaves as %j', ({ switches, maxBodyBytes }) => {
  let sandbox: Sandbox;
  let orderDesk: OrderDesk;
  let tool: ToolDefinition;
  let held: readonly OrderRecord[];

  beforeAll(async () => {
    sandbox = await startSandbox({ stores: [STORE], rateLimit: false, switches });
    orderDesk = orderDeskOn(sandbox, STORE, { limits: { maxBodyBytes } });
    const directory = directoryOf(aStoreEntry({ orderDeskId: STORE.id }));
    tool = listOrdersTool(toolDeps(orderDesk.gateway, { directory }), 'named');
    held = sandbox.store(STORE.id).orders();
  });

  afterAll(async () => {
    await orderDesk.close();
    await sandbox.close();
  });

  /** The last 366 days of the store's records. */
  function year(): { args: { added_from: string; added_to: string }; records: readonly OrderRecord[] } {
    const to = new Date(Date.parse(`${held.at(-1)?.date_added.replace(' ', 'T')}Z`) + 1000);
    const from = new Date(to.getTime() - 366 * 86_400_000);
    const text = (date: Date) => date.toISOString().slice(0, 19).replace('T', ' ');
    return {
      args: { added_from: from.toISOString(), added_to: to.toISOString() },
      records: held.filter(({ date_added }) => date_added >= text(from) && date_added < text(to)),
    };
  }

  const hasCode = (record: OrderRecord, code: string) =>
    record.order_items.some((item) => item.code === code);
  const aCode = () => held.at(-5)?.order_items[0]?.code ?? '';
  const aNumber = () =>
    held.findLast(({ order_shipments }) => order_shipments.length > 0)?.order_shipments[0]?.tracking_number ??
    '';

  it.each<[string, () => object, (record: OrderRecord) => boolean]>([
    ['an SKU', () => ({ sku: aCode() }), (record) => hasCode(record, aCode())],
    [
      'a tracking number',
      () => ({ tracking_number: aNumber() }),
      ({ order_shipments }) => order_shipments.some((shipment) => shipment.tracking_number === aNumber()),
    ],
    [
      'amounts',
      () => ({ min_total: '50', max_total: '80.5' }),
      ({ order_total }) => order_total >= 50 && order_total <= 80.5,
    ],
    [
      'a payment state',
      () => ({ payment_status: 'fully refunded', sort: 'asc' }),
      ({ payment_status }) => payment_status === 'Fully Refunded',
    ],
    [
      'no shipment',
      () => ({ shipped: 'no', folder: 'New' }),
      (record) =>
        record.order_shipments.length === 0 &&
        record.order_items.some(({ delivery_type }) => !/^(noship|download)$/.test(delivery_type)),
    ],
  ])('find the orders with %s', async (_what, wanted, matches) => {
    const { args, records } = year();
    const inFolder = records.filter(
      ({ folder_id }) =>
        !('folder' in wanted()) || folder_id === Number(sandbox.store(STORE.id).folders()[0]?.id),
    );
    const ids: string[] = [];
    let cursor: string | undefined;
    let last: object = {};
    do {
      const paging = cursor === undefined ? {} : { cursor };
      const { data, text } = await call(tool, { ...args, ...wanted(), limit: 100, ...paging });
      expect(text.length).toBeLessThanOrEqual(20_000);
      ids.push(...data.rows.map((row: { id: string }) => row.id));
      last = data;
      cursor = data.next_cursor ?? undefined;
    } while (cursor !== undefined);
    const expected = inFolder.filter(matches).map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(0);
    expect(ids.toSorted()).toEqual(expected.toSorted());
    expect(last).toMatchObject({
      scanned: inFolder.length,
      in_range: inFolder.length,
      total: null,
      complete: true,
    });
  });

  it('ask for nothing more once their signal has ended', async () => {
    const controller = new AbortController();
    const searches = () => sandbox.counters().requests['GET /orders'] ?? 0;
    const before = searches();
    let atTheEnd = 0;
    const ctx = {
      ...aCall(),
      signal: controller.signal,
      progress: async (done: number) => {
        if (done === 0) return;
        atTheEnd = searches();
        controller.abort();
      },
    };
    const { args } = year();
    // A second less than the other scans read, so that nothing of it is in the cache.
    const added_from = new Date(Date.parse(args.added_from) + 1000).toISOString();
    const scan = call(tool, { ...args, added_from, sku: 'none' }, ctx);
    await expect(scan).rejects.toMatchObject({ code: 'cancelled' });
    expect(atTheEnd).toBeGreaterThan(before);
    expect(searches()).toBe(atTheEnd);
  });
});
