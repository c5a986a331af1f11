/** Masked keys on the whole product: nothing of a customer in any answer, for every field and section there is. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SECTIONS } from '../../../src/orders/detail.js';
import { ROW_FIELDS } from '../../../src/orders/row.js';
import { callTool } from '../../support/call-tool.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '911', apiKey: 'sandbox-key-911', name: 'Masked shop', orderCount: 0 };
const MAIL = 'zqmail@example.com';
const daysFromNow = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
/** A week ago, so that the look back for exceptions finds them waiting. */
const ADDED = daysFromNow(-7).slice(0, 19).replace('T', ' ');

let server: TestServer;
let open: string;
let masked: string;
const ids: string[] = [];

const person = (mark: string) => ({
  first_name: `${mark}First`,
  last_name: `${mark}Last`,
  company: `${mark}Company`,
  address1: `${mark}Street1`,
  address2: `${mark}Street2`,
  city: 'Springfield',
  state: 'OR',
  postal_code: '97477',
  country: 'US',
  phone: `${mark}555`,
});

beforeAll(async () => {
  server = await startTestServer({ stores: [STORE] });
  open = (await server.addTenant('shop', STORE.id)).key;
  masked = (
    await server.server.operations.createKey.run({
      tenant: 'shop',
      name: 'masked',
      role: 'agent',
      mask: true,
    })
  ).key;
  const store = server.sandbox.store(STORE.id);
  const noted = '2026-01-08 12:10:00';
  const orders = [1, 2].map(() =>
    store.insertOrder({
      date_added: ADDED,
      email: MAIL,
      customer_id: MAIL,
      source_id: 'shared-number',
      shipping: { ...person('zqShip'), address3: 'zqShipStreet3', address4: 'zqShipStreet4' },
      customer: person('zqBill'),
      checkout_data: { gift_message: 'zqGift' },
      order_metadata: { contact: 'zqMeta' },
      order_notes: [{ date_added: noted, username: 'zqStaff', content: 'call zqNote' }],
      order_items: [{ name: 'Shirt', code: 'SHIRT', price: 5, metadata: { engraving: 'zqItem' } }],
    }),
  );
  ids.push(...orders.map(({ id }) => id));
  const history = [{ source_name: 'zqSource', note: 'mail to zqHistory', date_added: noted }];
  store.replaceData({
    folders: store.folders(),
    orders: store.orders(),
    inventory: store.inventory(),
    history: new Map(ids.map((id) => [id, history])),
  });
});
afterAll(() => server.close());

const answersFor = async (key: string) => {
  const replies = [
    await callTool(server.url, key, 'list_orders', { fields: ROW_FIELDS }),
    await callTool(server.url, key, 'list_orders', { fields: ROW_FIELDS, email: MAIL }, 'legacy'),
    await callTool(server.url, key, 'list_orders', { fields: ROW_FIELDS, sort_by: 'shipping_last_name' }),
    await callTool(server.url, key, 'get_order', { order_id: ids[0], include: SECTIONS }),
    await callTool(server.url, key, 'get_order', { order_id: ids[1], include: SECTIONS }, 'legacy'),
    await callTool(server.url, key, 'get_order', { source_id: 'shared-number', include: SECTIONS }),
  ];
  expect(replies.map(({ status, error }) => [status, error])).toEqual(replies.map(() => [200, undefined]));
  return replies;
};

const seedsIn = (text: string): string[] => [...new Set(text.match(/zq\w+/gi) ?? [])];

describe('a masked key', () => {
  it('is shown no customer, by any tool, field or section, where another key is', async () => {
    for (const { text } of await answersFor(open)) expect(seedsIn(text)).not.toEqual([]);
    const [listed, , , detail] = await answersFor(open);
    expect(seedsIn(listed?.text ?? '').length).toBeGreaterThan(15);
    expect(seedsIn(detail?.text ?? '')).toEqual(
      expect.arrayContaining(['zqNote', 'zqHistory', 'zqMeta', 'zqGift', 'zqItem', 'zqSource', 'zqStaff']),
    );
    for (const { text } of await answersFor(masked)) expect(seedsIn(text)).toEqual([]);
  });

  it('is shown none by sums, exceptions and scans either, and cannot find one by a part of a name', async () => {
    const range = { added_from: daysFromNow(-180), added_to: daysFromNow(1) };
    const replies = [
      await callTool(server.url, masked, 'summarize_orders', { ...range, group_by: 'source' }),
      await callTool(server.url, masked, 'find_exceptions', {}),
      await callTool(server.url, masked, 'list_orders', { ...range, shipped: 'no', fields: ROW_FIELDS }),
    ];
    expect(replies.map(({ status, error }) => [status, error])).toEqual(replies.map(() => [200, undefined]));
    for (const { text } of replies) expect(seedsIn(text)).toEqual([]);
    expect(replies[1]?.result?.structuredContent).toMatchObject({ orders: 2 });
    const probe = { ...range, text: 'zq' };
    const probed = await callTool(server.url, masked, 'list_orders', probe);
    expect(probed.result?.structuredContent).toMatchObject({ rows: [] });
    const shown = await callTool(server.url, open, 'list_orders', probe);
    expect(shown.result?.structuredContent).not.toMatchObject({ rows: [] });
  });

  it('still tells customers apart, finds them by e-mail, and sees the same versions, whole and not by parts', async () => {
    const [all, byMail, , one] = await answersFor(masked);
    const names = (data: Record<string, unknown> | undefined) =>
      JSON.stringify(data).match(/"name":"name-[0-9a-f]{8}"/g) ?? [];
    expect(new Set(names(all?.result?.structuredContent)).size).toBe(2);
    expect(byMail?.result?.structuredContent).toMatchObject({ total: 2 });
    const raw = await callTool(server.url, open, 'get_order', { order_id: ids[0] });
    const { version } = z.object({ version: z.string() }).parse(raw.result?.structuredContent);
    expect(one?.result?.structuredContent?.version).toBe(version.slice(0, 32));
    expect(version.length).toBeGreaterThan(32);
  });

  it('is masked still after a rotation', async () => {
    const { operations } = server.server;
    const { kid } = await operations.createKey.run({
      tenant: 'shop',
      name: 'turning',
      role: 'agent',
      mask: true,
      dailyWriteCap: 50,
    });
    const next = await operations.rotateKey.run({ kid, overlap: '1h' });
    const { text } = await callTool(server.url, next.key, 'get_order', {
      order_id: ids[0],
      include: SECTIONS,
    });
    expect(seedsIn(text)).toEqual([]);
    const listed = await operations.listKeys.run({ tenant: 'shop' });
    expect(listed.find((key) => key.kid === next.kid)).toMatchObject({ mask: true, dailyWriteCap: 50 });
  });
});

describe('an owner key', () => {
  it.each([{ mask: true }, { dailyWriteCap: 5 }])('is refused with %j', async (limit) => {
    const made = server.server.operations.createKey.run({
      tenant: 'shop',
      name: 'owner',
      role: 'owner',
      ...limit,
    });
    await expect(made).rejects.toMatchObject({ code: 'invalid_argument', field: Object.keys(limit)[0] });
  });
});
