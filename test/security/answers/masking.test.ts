/**
 * A mark of its own in every field of an order that is about a person, and every tool asked for all it can show. A key
 * that may not see customers meets none of the marks, nor does the log; a key that may meets them, or the search would
 * prove nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECTIONS } from '../../../src/orders/detail.js';
import { ROW_FIELDS } from '../../../src/orders/row.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { INVENTORY_FIELDS } from '../../../src/tools/inventory-row.js';
import { callTool } from '../../support/call-tool.js';
import { modern } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '931', apiKey: 'sandbox-key-931', name: 'Masked', timeZone: 'UTC', orderCount: 20 };
const EMAIL = 'qzmail@example.com';
const NUMBER = 'N-931';

/** Words that begin like no other, even in the random letters of a cursor. */
const MARK =
  /qz(?:ship|bill|mail|customer|card|expiry|processor|visitor|gift|answer|meta|list|clerk|note|file|reply|track|label|rule|history|writer|spoken|unknown|nowhere|value|limit|cursor|argument|keys)\w*/gi;
const marksIn = (text: string): string[] => [...new Set(text.match(MARK))];

const address = (kind: string) => ({
  first_name: `Qz${kind}first`,
  last_name: `Qz${kind}last`,
  company: `Qz${kind}company Ltd`,
  address1: `7 Qz${kind}street`,
  address2: `Qz${kind}floor`,
  city: 'Springfield, c/o qzbill@example.com',
  state: 'OR',
  postal_code: '97477',
  country: 'US',
  phone: `qz${kind}phone 555 0100 931`,
});
const date = () => new Date(Date.now() - 20 * 86_400_000).toISOString().slice(0, 19).replace('T', ' ');

/** What nobody is ever shown. */
const NEVER = {
  cc_number_masked: 'qzcard',
  cc_exp: 'qzexpiry',
  processor_response: 'qzprocessor',
  ip_address: 'qzvisitor',
};

const order = (id: string) => ({
  ...NEVER,
  id,
  source_id: NUMBER,
  source_name: 'Shopify',
  email: EMAIL,
  customer_id: 'qzcustomer@example.com',
  date_added: date(),
  date_updated: date(),
  payment_status: 'Captured',
  tag_name: 'For Qzshipfirst',
  shipping: { ...address('ship'), address3: 'Qzshipdock', address4: 'Qzshipdoor' },
  customer: address('bill'),
  checkout_data: { 'Gift Message': 'Dear qzgift', 'Ask qzkeys@example.com': 'qzanswer' },
  order_metadata: { contact: { name: 'qzmeta' }, list: ['qzlist'] },
  discount_list: [{ name: 'Thanks Qzbilllast', code: 'QZSHIPFIRST-10', amount: '1.00' }],
  order_notes: [{ date_added: date(), username: 'qzclerk', content: 'call qznote' }],
  order_items: [
    {
      id: '9311',
      name: 'Mug for Qzshipfirst Qzshiplast',
      code: 'MUG-QZSHIPFIRST-QZSHIPLAST',
      price: 9,
      quantity: 1,
      weight: 1,
      delivery_type: 'ship',
      category_code: 'For Qzbillfirst Qzbilllast',
      fulfillment_method: 'qzclerk@example.com',
      variation_list: { Engraving: 'Qzshiplast forever', Size: 'Large', Reply: 'to qzreply@example.com' },
      metadata: { file: 'qzfile' },
    },
  ],
});

let server: TestServer;
const log: string[] = [];
const keys = { masked: '', open: '', other: '' };
beforeAll(async () => {
  const logger = createLogger({
    level: 'debug',
    pretty: false,
    redaction: 'on',
    destination: { write: (line) => log.push(line) },
  });
  server = await startTestServer({ stores: [STORE], log: logger });
  const store = server.sandbox.store(STORE.id);
  const plain =
    store.orders()[0]?.order_shipments[0] ?? store.orders().flatMap((each) => each.order_shipments)[0];
  if (plain === undefined) throw new Error('no shipment among the made-up orders');
  const shipment = {
    ...plain,
    order_id: '931001',
    tracking_url: 'https://example.com/track?mail=qztrack%40example.com',
    label_image: 'qzlabel'.repeat(1_000),
    order_items: [{ id: 'none', code: 'OTHER', quantity: 1 }],
  };
  store.insertOrder({ ...order('931001'), order_shipments: [shipment] });
  store.insertOrder(order('931002'));
  store.replaceData({
    folders: store.folders(),
    orders: store.orders(),
    history: new Map([['931001', [{ source_name: 'qzrule', note: 'Mailed qzhistory', date_added: date() }]]]),
    inventory: store.inventory().map((item) => ({ ...item, update_source: 'qzwriter' })),
  });
  keys.open = (await server.addTenant('first', STORE.id)).key;
  await server.addTenant('second', STORE.id);
  const { createKey } = server.server.operations;
  keys.masked = (await createKey.run({ tenant: 'first', name: 'masked', role: 'agent', mask: true })).key;
  keys.other = (await createKey.run({ tenant: 'second', name: 'masked', role: 'agent', mask: true })).key;
});
afterAll(() => server?.close());

const DAYS = { added_from: '2020-01-01', added_to: '2020-12-31' };
const range = () => ({ added_from: date().slice(0, 10), added_to: date().slice(0, 10) });

const calls = (): [string, Record<string, unknown>][] => [
  ['list_stores', {}],
  ['get_store', {}],
  ['list_orders', { fields: [...ROW_FIELDS], source_id: NUMBER }],
  ['list_orders', { email: EMAIL, limit: 1 }],
  ['list_orders', { ...range(), text: 'large', fields: [...ROW_FIELDS] }],
  ['list_orders', { sort_by: 'shipping_last_name', fields: [...ROW_FIELDS] }],
  ['get_order', { order_id: '931001', include: [...SECTIONS] }],
  ...SECTIONS.map((section): [string, Record<string, unknown>] => [
    'get_order',
    { order_id: '931001', include: [section] },
  ]),
  ['get_order', { source_id: NUMBER }],
  ...['day', 'source', 'folder', 'sku', 'country', 'state', 'payment_status', 'shipping_method'].map(
    (group_by): [string, Record<string, unknown>] => ['summarize_orders', { ...range(), group_by }],
  ),
  ['list_orders', { stores: [STORE.id], fields: [...ROW_FIELDS], source_id: NUMBER }],
  ['summarize_orders', { stores: [STORE.id], ...range(), group_by: 'sku' }],
  ['find_exceptions', { limit: 100 }],
  ['list_inventory', { fields: [...INVENTORY_FIELDS] }],
  // Errors
  ['list_orders', { ...DAYS, folder: 'Qznowhere' }],
  ['list_orders', { qzargument: 'qzvalue', limit: 'qzlimit' }],
  ['list_orders', { cursor: 'qzcursor' }],
  ['get_order', { source_id: 'qzunknown' }],
];

const texts = async (key: string): Promise<string[]> => {
  const answers: string[] = [];
  for (const [name, args] of calls()) answers.push((await callTool(server.url, key, name, args)).text);
  return answers;
};

describe('a key that may not see customers', () => {
  it('meets no mark in any answer, and the log holds none', async () => {
    const answers = await texts(keys.masked);
    // An unknown argument is named back; it came from the caller.
    expect(marksIn(answers.join('\n')).filter((mark) => mark !== 'qzargument')).toEqual([]);
    expect(log.join('')).toContain('"msg":"tool call"');
    expect(marksIn(log.join(''))).toEqual([]);
  });

  it('would have met all of them, but for what nobody is shown', async () => {
    const seen = marksIn((await texts(keys.open)).join('\n'));
    for (const mark of [
      ...['qzmail', 'qzcustomer', 'qzgift', 'qzkeys', 'qzanswer', 'qzmeta', 'qzlist', 'qzclerk', 'qznote'],
      ...['qzfile', 'qzreply', 'qztrack', 'qzrule', 'qzhistory', 'qzwriter', 'QZSHIPFIRST', 'Qzshipdoor'],
      ...['ship', 'bill'].flatMap((kind) =>
        ['first', 'last', 'company', 'street', 'floor'].map((part) => `Qz${kind}${part}`),
      ),
      ...['qzshipphone', 'qzbillphone'],
    ]) {
      expect(seen).toContain(mark);
    }
    for (const mark of [...Object.values(NEVER), 'qzlabel']) expect(seen).not.toContain(mark);
    expect(marksIn(log.join(''))).toEqual([]);
  });

  it('finds an order by the e-mail address that it is not shown, and by no text that is masked', async () => {
    const row = async (args: object) => {
      const { result } = await callTool(server.url, keys.masked, 'list_orders', {
        ...args,
        fields: ['email'],
      });
      return result?.structuredContent?.rows;
    };
    expect(await row({ email: EMAIL })).toEqual([
      expect.objectContaining({ email: expect.stringMatching(/^mail-[0-9a-f]{8}$/), source_id: NUMBER }),
      expect.objectContaining({ email: expect.stringMatching(/^mail-[0-9a-f]{8}$/), source_id: NUMBER }),
    ]);
    for (const text of ['qzmail', 'qzgift', 'qzshiplast', 'qznote', 'qzreply']) {
      expect(await row({ ...range(), text }), text).toEqual([]);
    }
  });

  it('tells customers apart: one mask for one person everywhere, and another at another tenant', async () => {
    const shown = async (key: string) => {
      const args = { fields: ['email', 'ship_to'], source_id: NUMBER };
      const list = (await callTool(server.url, key, 'list_orders', args)).result?.structuredContent;
      const one = (await callTool(server.url, key, 'get_order', { order_id: '931001' })).result
        ?.structuredContent;
      return { list, one };
    };
    const [first, second] = [await shown(keys.masked), await shown(keys.other)];
    const { order } = first.one as { order: { email: string; ship_to: { name: string; phone: string } } };
    expect(first.list).toMatchObject({
      rows: [
        { email: order.email, name: order.ship_to.name, ship_to: order.ship_to },
        { email: order.email, name: order.ship_to.name, ship_to: order.ship_to },
      ],
    });
    const { order: elsewhere } = second.one as typeof first.one & { order: typeof order };
    for (const field of ['name', 'phone'] as const)
      expect(elsewhere.ship_to[field]).not.toBe(order.ship_to[field]);
    expect(elsewhere.email).not.toBe(order.email);
  });

  it('is told nothing of what Order Desk says to a call', async () => {
    const message = 'No order of Qzspoken qzspoken@example.com';
    const failing = async (key: string) => {
      const heal = server.sandbox.fail({ kind: 'error200', message, times: Number.POSITIVE_INFINITY });
      const args = { source_name: key.slice(-6) };
      const { text } = await callTool(server.url, key, 'list_orders', args);
      const several = await callTool(server.url, key, 'list_orders', { ...args, stores: [STORE.id] });
      heal();
      return text + several.text;
    };
    expect(await failing(keys.open)).toContain('Qzspoken');
    const text = await failing(keys.masked);
    expect(text).toContain('upstream_rejected');
    expect(marksIn(text)).toEqual([]);
  });

  it('meets none in progress or in cursors', async () => {
    const { headers, body } = modern('tools/call', {
      name: 'list_orders',
      arguments: { ...range(), text: 'large', limit: 1 },
      _meta: { progressToken: 1 },
    });
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${keys.masked}` },
      body: JSON.stringify(body),
    });
    const stream = await response.text();
    expect(stream).toContain('notifications/progress');
    const cursor = /"next_cursor":"([^"]+)"/.exec(stream)?.[1] ?? '';
    expect(cursor.length).toBeGreaterThan(50);
    const opened = Buffer.from(cursor, 'base64url').toString('latin1');
    expect(marksIn(stream + cursor + opened)).toEqual([]);
    expect(opened).not.toContain('931001');
  });
});
