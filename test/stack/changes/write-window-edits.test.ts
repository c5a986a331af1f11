/**
 * What becomes of an edit that somebody else makes exactly between our read and our write. Order Desk answers a PUT with
 * what we have sent, so that nothing in the answer can tell of what it replaced; only what a PUT cannot set shows.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTool } from '../../support/call-tool.js';
import { type Edit, entriesOf, OrderLog, type OrderName } from '../../support/changes/order-log.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '30001', apiKey: 'sandbox-key-for-store-30001', name: 'Edits (sandbox)', orderCount: 60 };
const UNDISTURBED = [
  'No version was expected: whatever stood in these fields was overwritten, and is shown as before.',
];

const log = new OrderLog();
let server: TestServer;
let key: string;
let used = 0;

beforeAll(async () => {
  server = await startTestServer({ stores: [STORE], onRequest: log.onRequest });
  log.of(server.sandbox);
  ({ key } = await server.addTenant('shop', STORE.id));
});
afterAll(() => server.close());

const store = () => server.sandbox.store(STORE.id);

/** An order that no other test uses, without shipments. */
function nextOrder(): OrderName {
  const order = store().orders()[used]?.id ?? '';
  used += 1;
  store().changeOrder(order, { order_shipments: [] });
  return { store: STORE.id, order };
}

const recordOf = (name: OrderName) => {
  const record = log.record(name);
  if (record === undefined) throw new Error(`Order ${name.order} is gone.`);
  return record;
};

interface Shown {
  readonly outcome?: unknown;
  readonly change_id?: unknown;
  readonly version?: unknown;
  readonly remarks?: unknown;
  readonly results?: unknown;
}

/** An update during which somebody else acts as soon as the order was read. */
async function disturbed(
  { order }: OrderName,
  changes: Record<string, unknown>,
  act: () => void,
  more: Record<string, unknown> = {},
): Promise<Shown> {
  const read = log.next((event) => event.kind === 'read' && event.order === order);
  const reply = callTool(server.url, key, 'update_order', { order_id: order, changes, ...more });
  await read;
  act();
  return (await reply).result?.structuredContent ?? {};
}

describe('an edit between our read and our write', () => {
  it('of the field that we set is lost; before shows what was read, and undo restores that', async () => {
    const name = nextOrder();
    const asRead = recordOf(name).shipping_method;
    const answer = await disturbed(name, { shipping_method: 'Ours' }, () =>
      log.edit(name, { part: 'shipping_method', value: 'Theirs' }),
    );
    expect(answer).toMatchObject({
      outcome: 'applied',
      results: [{ changes: [{ field: 'shipping_method', before: asRead, after: 'Ours' }] }],
      remarks: UNDISTURBED,
    });
    expect(recordOf(name).shipping_method).toBe('Ours');

    await callTool(server.url, key, 'undo_change', { change_id: answer.change_id });
    expect(recordOf(name).shipping_method).toBe(asRead);
  });

  it.each<[string, Edit]>([
    ['another field', { part: 'shipping_method', value: 'Theirs' }],
    ['an entry of another map', { part: 'order_metadata', key: 'theirs', value: 'Theirs' }],
    ['another entry of the same map', { part: 'checkout_data', key: 'theirs', value: 'Theirs' }],
    ['a note', { part: 'order_notes', value: 'Theirs' }],
  ])('of %s is lost without a word', async (_, edit) => {
    const name = nextOrder();
    const asRead = recordOf(name);
    const answer = await disturbed(name, { checkout_data: { ours: 'Ours' } }, () => log.edit(name, edit));
    expect(answer).toMatchObject({ outcome: 'applied', remarks: UNDISTURBED });
    const record = recordOf(name);
    expect(record).toMatchObject({
      shipping_method: asRead.shipping_method,
      order_metadata: asRead.order_metadata,
      order_notes: asRead.order_notes,
    });
    expect(record.checkout_data).toEqual({ ...entriesOf(asRead.checkout_data), ours: 'Ours' });
  });

  it('that moves the order is taken back, as its history at Order Desk tells', async () => {
    const name = nextOrder();
    const { folder_id: asRead } = recordOf(name);
    const elsewhere = store()
      .folders()
      .find(({ id }) => id !== asRead);
    const answer = await disturbed(name, { email: 'ours@example.com' }, () => {
      store().moveOrder(name.order, elsewhere?.id ?? 0);
    });
    expect(answer).toMatchObject({ outcome: 'applied', remarks: UNDISTURBED });
    expect(recordOf(name).folder_id).toBe(asRead);
    expect(
      store()
        .history(name.order)
        .filter(({ note }) => note.startsWith('Order Moved')).length,
    ).toBeGreaterThanOrEqual(2);
  });

  it('that a PUT cannot set stays, and the answer says so', async () => {
    const name = nextOrder();
    const shipments = store()
      .orders()
      .find(({ order_shipments }) => order_shipments.length > 0)?.order_shipments;
    const answer = await disturbed(name, { email: 'ours@example.com' }, () => {
      store().changeOrder(name.order, { order_shipments: shipments ?? [] });
    });
    expect(answer).toMatchObject({
      outcome: 'applied',
      remarks: [...UNDISTURBED, 'Order Desk changed besides: order_shipments.'],
    });
    expect(recordOf(name).order_shipments).toEqual(shipments);
  });

  it('is not noticed by an expected version either, which sees an edit before the read', async () => {
    const name = nextOrder();
    const shown = await callTool(server.url, key, 'get_order', { order_id: name.order });
    const version = shown.result?.structuredContent?.version;
    const expected = { expected_version: version };
    const theirs: Edit = { part: 'shipping_method', value: 'Theirs' };
    const answer = await disturbed(
      name,
      { email: 'ours@example.com' },
      () => log.edit(name, theirs),
      expected,
    );
    expect(answer).toMatchObject({ outcome: 'applied' });
    expect(recordOf(name).shipping_method).not.toBe('Theirs');

    log.edit(name, theirs);
    const late = await callTool(server.url, key, 'update_order', {
      order_id: name.order,
      changes: { email: 'later@example.com' },
      expected_version: answer.version,
    });
    expect(late.error?.code).toBe('version_conflict');
    expect(recordOf(name)).toMatchObject({ shipping_method: 'Theirs', email: 'ours@example.com' });
  });
});
