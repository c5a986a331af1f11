/** Exceptions over the Order Desk client against a simulated Order Desk, held against its own records and oddities. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import type { OrderDesk } from '../../../src/orderdesk/orderdesk.js';
import { CHECKS, type Check } from '../../../src/orders/exceptions/check.js';
import {
  type OrderInput,
  type OrderRecord,
  type Sandbox,
  type SandboxSwitches,
  startSandbox,
} from '../../../src/sandbox/index.js';
import { ODDITIES } from '../../../src/sandbox/seed/oddities.js';
import { makeCatalogue } from '../../../src/tools/index.js';
import { orderDeskOn } from '../../support/order-desk-on.js';
import { aStoreEntry, call, directoryOf, toolDeps, toolNamed } from '../../unit/tools/support/ports.js';

const DAY = 86_400_000;
const ANCHOR = new Date('2026-04-20T00:00:00Z');
const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'First', anchor: ANCHOR, orderCount: 500 };

const worlds: readonly Partial<SandboxSwitches>[] = [
  { endDate: 'exclusive', ties: 'by_id' },
  { endDate: 'inclusive', ties: 'shuffled' },
];

const idOf = ({ id }: { id: string }) => id;

const daysBefore = (days: number) =>
  new Date(ANCHOR.getTime() - days * DAY).toISOString().slice(0, 19).replace('T', ' ');

const waitingFor = (code: string): OrderInput => ({
  date_added: daysBefore(4),
  source_id: `waits-for-${code}`,
  shipping: { last_name: 'Example', address1: '1 Sample Street', city: 'Dubai', country: 'AE' },
  order_items: [{ name: 'Mug', code, delivery_type: 'ship', quantity: 1 }],
  payment_status: 'Captured',
});

describe.each(worlds)('find_exceptions, where Order Desk behaves as %j', (switches) => {
  let sandbox: Sandbox;
  let orderDesk: OrderDesk;
  let tool: (name: string) => ToolDefinition;
  let boundTool: typeof tool;
  /** By oddity, the order that has it and waits to be sent. */
  const odd = new Map<string, OrderRecord>();

  beforeAll(async () => {
    sandbox = await startSandbox({ stores: [STORE], rateLimit: false, switches });
    orderDesk = orderDeskOn(sandbox, STORE);
    const directory = directoryOf(aStoreEntry({ orderDeskId: STORE.id }));
    const deps = toolDeps(orderDesk.gateway, { directory, clock: () => ANCHOR });
    tool = (name) => toolNamed(name, deps);
    const bound = makeCatalogue(deps).forOneStore?.tools ?? [];
    boundTool = (name) => {
      const found = bound.find((each) => each.name === name);
      if (found === undefined) throw new Error(`no tool ${name}`);
      return found;
    };
    const store = sandbox.store(STORE.id);
    const held = store.orders();
    const [other] = held;
    const model = held.find(
      ({ folder_id, shipping }) => folderName(folder_id) === 'New' && shipping.country === 'US',
    );
    if (other === undefined || model === undefined) throw new Error('the store holds too little');
    const names = [
      'addressWithoutCity',
      'noAddressAtAll',
      'militaryAddress',
      'companyOnly',
      'stuckInNew',
      'unpaid',
    ];
    for (const [index, name] of [...names, 'splitFromTheOther'].entries()) {
      const dates = { date_added: daysBefore(4), date_updated: daysBefore(4) };
      const id = String(900_000 + index);
      const plain = { ...model, ...dates, id, source_id: `odd-${name}`, payment_status: 'Captured' };
      const made = ODDITIES[name]?.(plain, other);
      if (made === undefined) throw new Error(`no oddity ${name}`);
      odd.set(name, store.insertOrder(made));
    }
    const [item] = store.inventory();
    if (item === undefined) throw new Error('the store has no inventory');
    store.replaceData({
      folders: store.folders(),
      orders: store.orders(),
      history: new Map(),
      inventory: [
        { ...item, id: 1, code: 'SOLD-OUT', stock: -1 },
        { ...item, id: 2, code: 'LAST-ONE', stock: 0 },
        ...store.inventory(),
      ],
    });
    store.insertOrder(waitingFor('SOLD-OUT'));
    // The simulated Order Desk takes orders off the stock: this one took the last.
    store.insertOrder(waitingFor('LAST-ONE'));
    store.insertOrder(waitingFor('NEVER-HEARD-OF'));
  });

  afterAll(async () => {
    await orderDesk.close();
    await sandbox.close();
  });

  const folderName = (id: number) =>
    sandbox
      .store(STORE.id)
      .folders()
      .find((folder) => folder.id === id)?.name;

  /** Every finding of one check, by calls that each go on where the one before stopped. */
  async function allOf(check: Check): Promise<{ ids: string[]; counts: number[] }> {
    const validate = new AjvJsonSchemaValidator().getValidator(tool('find_exceptions').outputSchema ?? {});
    const ids: string[] = [];
    const counts = new Set<number>();
    let cursor: string | undefined;
    do {
      const args = { checks: [check], limit: 100, ...(cursor === undefined ? {} : { cursor }) };
      const { data, text } = await call(tool('find_exceptions'), args);
      expect(validate(data)).toMatchObject({ valid: true });
      expect(text.length).toBeLessThanOrEqual(20_000);
      expect(data.coverage).toMatchObject({ complete: true, scanned: data.coverage.total });
      counts.add(data.counts[check]);
      for (const { id } of data.findings) ids.push(id);
      cursor = data.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return { ids: ids.sort(), counts: [...counts] };
  }

  const isCanceled = ({ folder_id }: OrderRecord) => folderName(folder_id) === 'Canceled';
  const isOpen = (order: OrderRecord) =>
    !isCanceled(order) && !['Shipped', 'Closed'].includes(folderName(order.folder_id) ?? '');
  const isOlder = (date: string) => date <= daysBefore(3);
  const goodsOf = (order: OrderRecord) => order.order_items.filter((item) => item.delivery_type === 'ship');
  const waits = (order: OrderRecord) =>
    isOpen(order) && order.order_shipments.length === 0 && goodsOf(order).length > 0;

  /** What each check should find in the records of the simulated store, worked out without the code under test. */
  const expected: Record<Check, (orders: readonly OrderRecord[]) => readonly OrderRecord[]> = {
    unshipped_too_long: (orders) =>
      orders.filter(
        (order) =>
          waits(order) &&
          (['Captured', 'Approved', 'Partially Refunded', 'Authorized'].includes(order.payment_status) ||
            (order.payment_status === 'Pending' && order.order_total <= 0)) &&
          isOlder(order.date_added),
      ),
    odd_address: (orders) =>
      orders.filter(({ shipping: to, ...order }) => {
        const named = `${to.first_name}${to.last_name}${to.company}`.trim() !== '';
        const needsCode = !['', 'AE', 'United Arab Emirates', 'BR', 'Brazil'].includes(to.country);
        const isWhole = named && to.address1 !== '' && to.city !== '' && to.country !== '';
        return waits({ shipping: to, ...order }) && (!isWhole || (needsCode && to.postal_code === ''));
      }),
    payment_not_captured: (orders) =>
      orders.filter(
        (order) =>
          !isCanceled(order) &&
          order.order_total > 0 &&
          (['Rejected', 'Voided'].includes(order.payment_status) ||
            (['Pending', 'Authorized'].includes(order.payment_status) && isOlder(order.date_added))),
      ),
    duplicate_source_id: (orders) => {
      const seen = new Set<string>();
      return orders.filter((order) => {
        if (isCanceled(order)) return false;
        const name = `${order.source_name}: ${order.source_id}`;
        const isCopy = seen.has(name);
        seen.add(name);
        return isCopy;
      });
    },
    item_without_stock: (orders) => {
      const stock = new Map(
        sandbox
          .store(STORE.id)
          .inventory()
          .map((item) => [item.code, item.stock]),
      );
      return orders.filter(
        (order) =>
          waits(order) &&
          order.payment_status !== 'Fully Refunded' &&
          goodsOf(order).some(({ code }) => code !== '' && (stock.get(code) ?? -1) < 0),
      );
    },
    stuck_in_folder: (orders) => orders.filter((order) => isOpen(order) && isOlder(order.date_updated)),
  };

  it.each(CHECKS)('%s finds what the records hold, each once, and counts it', async (check) => {
    const wanted = expected[check](sandbox.store(STORE.id).orders()).map(({ id }) => id);
    expect(wanted.length).toBeGreaterThan(0);
    expect(await allOf(check)).toEqual({ ids: wanted.toSorted(), counts: [wanted.length] });
  });

  it('finds the seeded oddities by the checks that are meant for them, and lets the others pass', async () => {
    const from = daysBefore(5).slice(0, 10);
    const { data } = await call(tool('find_exceptions'), { added_from: from, limit: 100 });
    const foundBy = (name: string) =>
      data.findings.find(({ id }: { id: string }) => id === odd.get(name)?.id);
    const reasons = (name: string) => foundBy(name)?.reasons;
    expect(reasons('addressWithoutCity')).toContainEqual({
      check: 'odd_address',
      rule: 'Shipping address: no city; no postal code (US has them, such as 97205 or 97205-1234).',
    });
    expect(reasons('noAddressAtAll')).toContainEqual({
      check: 'odd_address',
      rule: 'Shipping address: no street; no city; no country.',
    });
    for (const name of ['militaryAddress', 'companyOnly']) {
      expect(reasons(name)).not.toContainEqual(expect.objectContaining({ check: 'odd_address' }));
    }
    expect(reasons('stuckInNew').map(({ check }: { check: string }) => check)).toEqual(
      expect.arrayContaining(['unshipped_too_long', 'stuck_in_folder']),
    );
    expect(foundBy('unpaid')).toMatchObject({ folder: 'Needs Review', age_days: 4 });
    expect(reasons('unpaid')).toContainEqual({
      check: 'payment_not_captured',
      rule: 'Payment still Pending 4 days after the order was added; threshold 3 days.',
    });
  });

  it('leads from a split order to all that share its number, by a call that the tools take', async () => {
    const { data } = await call(tool('find_exceptions'), { checks: ['duplicate_source_id'], limit: 100 });
    const copy = data.findings.find(({ id }: { id: string }) => id === odd.get('splitFromTheOther')?.id);
    const shared = await call(tool(copy.next.tool), copy.next.arguments);
    const ids = shared.data.rows.map(({ id }: { id: string }) => id);
    expect(ids).toContain(copy.id);
    expect(ids).toContain(/as order "(\d+)"/.exec(copy.reasons[0].rule)?.[1]);
  });

  it.each([
    ['who names the store', { store: 'main' }],
    ['bound to the store', {}],
  ])('names a next call that shows the order, to a caller %s', async (_caller, chosen) => {
    const theTool = 'store' in chosen ? tool : boundTool;
    for (const [check, reader] of [
      ['unshipped_too_long', 'get_order'],
      ['duplicate_source_id', 'list_orders'],
    ] as const) {
      const { data } = await call(theTool('find_exceptions'), { ...chosen, checks: [check], limit: 3 });
      expect(data.returned).toBeGreaterThan(0);
      for (const { id, next } of data.findings) {
        expect(next).toEqual({ tool: reader, arguments: expect.objectContaining(chosen) });
        const shown = await call(theTool(reader), next.arguments);
        expect(reader === 'get_order' ? [shown.data.order.id] : shown.data.rows.map(idOf)).toContain(id);
      }
    }
  });

  it('answers without the stock where the inventory cannot be read', async () => {
    const stop = sandbox.fail({
      kind: 'status',
      status: 403,
      match: { path: '/inventory-items' },
      times: Number.POSITIVE_INFINITY,
    });
    // An order and dates that no call has asked for yet: what was read a moment ago is remembered.
    sandbox.store(STORE.id).insertOrder(waitingFor('ONLY-HERE'));
    const { data } = await call(tool('find_exceptions'), { added_from: daysBefore(6).slice(0, 10) });
    stop();
    expect(data.not_done).toMatchObject([{ check: 'item_without_stock' }]);
    expect(data.counts).not.toHaveProperty('item_without_stock');
    expect(data.counts.unshipped_too_long).toBeGreaterThan(0);
  });
});
