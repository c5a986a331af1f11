/**
 * A mark of its own in every place of an order, and of the arguments of writes, that may hold what is a customer's; and a run
 * of all tools that write, through success and refusal, which carries each of them through.
 */
import type { OrderInput } from '../../../src/sandbox/index.js';
import type { WriteAnswer, WritingShop } from './writing-shop.js';

/** Words that begin like no other, in whatever case. */
const MARK = /qzplant[a-z]*/gi;
export const plantedIn = (text: string): string[] =>
  [...new Set(text.match(MARK))].map((mark) => mark.toLowerCase()).sort();

export const PLANTED_KEY = 'qzplantkey of an agent';
/** What Order Desk says when it refuses. */
export const PLANTED_WORDS = 'not for Qzplantspoken of qzplantspoken@example.com';

const address = (kind: string) => ({
  first_name: `Qzplant${kind}first`,
  last_name: `Qzplant${kind}last`,
  company: `Qzplant${kind}firm Ltd`,
  address1: `7 Qzplant${kind}street`,
  address2: `Qzplant${kind}floor`,
  city: 'Springfield',
  state: 'OR',
  postal_code: '97477',
  country: 'US',
  phone: `qzplant${kind}phone`,
});

export const PLANTED_ORDER: OrderInput = {
  source_id: 'PLANTED-1',
  email: 'qzplantmail@example.com',
  customer_id: 'qzplantcustomer@example.com',
  shipping: address('ship'),
  customer: address('bill'),
  checkout_data: { 'Gift Message': 'Dear qzplantgift', 'Ask qzplantasked@example.com': 'qzplantanswer' },
  order_metadata: { contact: { name: 'qzplantmeta' } },
  order_notes: [{ date_added: '2026-01-02 10:00:00', username: 'qzplantclerk', content: 'qzplantnote' }],
  order_items: [
    {
      id: '71001',
      name: 'Mug for Qzplantshipfirst Qzplantshiplast',
      code: 'MUG',
      price: 9,
      quantity: 1,
      variation_list: { Engraving: 'Qzplantengraved' },
      metadata: { file: 'qzplantfile' },
    },
  ],
};

/** What the changes bring in, beside what stood there. */
export const PLANTED_EDIT = {
  email: 'qzplantnewmail@example.com',
  shipping: { ...address('new'), address3: 'Qzplantdock' },
  customer: { phone: 'qzplantnewbillphone' },
  checkout_data: { 'Gift Message': 'qzplantnewgift' },
  order_metadata: { contact: { name: 'qzplantnewmeta' } },
  order_notes: ['qzplantnewnote'],
  order_items: [
    {
      id: '71001',
      variation_list: { Engraving: 'Qzplantnewengraving' },
      metadata: { file: 'qzplantnewfile' },
    },
  ],
};

type Made = readonly [tool: string, args: Record<string, unknown>];

/** A run on an order of its own: what was changed, and every answer as it stood on the wire. */
export interface PlantedRun {
  readonly orderId: string;
  readonly changes: readonly WriteAnswer[];
  readonly texts: readonly string[];
}

/** @param storeId of the shop; `key` must be good for all toolsets */
export async function runPlanted(shop: WritingShop, storeId: string, key: string): Promise<PlantedRun> {
  const store = shop.sandbox.store(storeId);
  const order_id = store.insertOrder(PLANTED_ORDER).id;
  const changes: WriteAnswer[] = [];
  const texts: string[] = [];
  let count = 0;
  const make = async ([tool, args]: Made): Promise<WriteAnswer> => {
    const dry = await shop.call(key, tool, { ...args, dry_run: true });
    const preview = await shop.write(key, tool, { ...args, dry_run: true });
    const token = preview.confirmation_token;
    const given = { ...args, ...(token === undefined ? {} : { confirmation_token: token }) };
    count += 1;
    const idempotency_key = `${PLANTED_KEY} ${order_id} ${count}`;
    const change = await shop.write(key, tool, { ...given, idempotency_key });
    const replay = await shop.call(key, tool, { ...given, idempotency_key });
    changes.push(change);
    texts.push(dry.text, JSON.stringify(preview), JSON.stringify(change), replay.text);
    return change;
  };
  const undone = async ({ change_id }: WriteAnswer) => make(['undo_change', { change_id }]);

  const { version } = await shop.write(key, 'update_order', {
    order_id,
    changes: { shipping_method: 'Air' },
  });
  const updated = await make(['update_order', { order_id, changes: PLANTED_EDIT }]);
  await undone(updated);
  await make(['add_order_note', { order_id, note: 'qzplanthistory' }]);
  await make(['add_order_note', { order_id, note: 'qzplantstaffnote', as: 'staff_note' }]);
  const item = { name: 'Lid', variation_list: { For: 'Qzplantlid' }, metadata: { file: 'qzplantlidfile' } };
  await undone(await make(['add_order_item', { order_id, item }]));
  const renamed = { variation_list: { Engraving: 'Qzplantcarved' } };
  await make(['update_order_item', { order_id, item_id: '71001', changes: renamed }]);
  await undone(await make(['remove_order_item', { order_id, item_id: '71001' }]));
  const tracking_url = 'https://example.com/t?mail=qzplanttracked%40example.com';
  const shipments = [{ order_id, tracking_number: 'T-1', carrier_code: 'UPS', tracking_url }];
  await make(['add_shipments', { shipments }]);
  const shipment_id = String(store.order(order_id)?.order_shipments[0]?.id);
  const moved = { tracking_url: 'https://example.com/t?mail=qzplantmoved%40example.com' };
  await make(['update_shipment', { order_id, shipment_id, changes: moved }]);
  await make(['delete_shipment', { order_id, shipment_id }]);
  await make(['move_orders', { order_ids: [order_id], folder: String(store.folders()[1]?.id) }]);
  const made = await make([
    'create_order',
    {
      source_id: `PLANTED-${order_id}`,
      email: 'qzplantcreated@example.com',
      shipping: { first_name: 'Qzplantcreatedfirst', last_name: 'Qzplantcreatedlast' },
      order_metadata: { note: 'qzplantcreatedmeta' },
      order_items: [{ name: 'Cup', price: '2' }],
    },
  ]);
  const created = made.results[0]?.order_id ?? '';
  await undone(await make(['delete_order', { order_id: created }]));

  const refused = async (...[tool, args]: Made) => {
    const { error, text } = await shop.call(key, tool, args);
    if (error === undefined) throw new Error(`${tool} was not refused`);
    texts.push(text);
  };
  const stale = { order_id, expected_version: version, changes: PLANTED_EDIT };
  await refused('update_order', stale);
  await refused('undo_change', { change_id: updated.change_id });
  await refused('update_order', { order_id, changes: { order_notes: ['qzplantlong '.repeat(300)] } });
  await refused('update_order', { order_id: '404404404', changes: PLANTED_EDIT });
  await refused('update_order_item', { order_id, item_id: '9', changes: { name: 'Qzplantnobody' } });
  await refused('create_order', {
    source_id: 'PLANTED-1',
    shipping: { first_name: 'Qzplantdouble' },
    order_items: [{ name: 'Cup' }],
  });
  // What is not known yet keeps its order locked, so each has an order of its own.
  const another = (name: string): string =>
    store.insertOrder({ ...PLANTED_ORDER, source_id: `${name} ${order_id}` }).id;
  const shipped = { order_id: another('shipped'), tracking_number: 'T-2', tracking_url };
  const elsewhere = String(store.folders()[0]?.id);
  for (const [tool, args] of [
    ['update_order', { order_id, changes: { email: 'qzplantlast@example.com' } }],
    ['add_order_item', { order_id, item }],
    ['add_shipments', { shipments: [shipped] }],
    ['move_orders', { order_ids: [another('moved')], folder: elsewhere }],
  ] as const) {
    const match = { method: tool === 'update_order' ? 'PUT' : 'POST' };
    shop.sandbox.fail({ kind: 'error200', message: PLANTED_WORDS, match });
    texts.push((await shop.call(key, tool, args)).text);
  }
  for (const kind of ['malformed', 'html', 'truncated', 'reset_after'] as const) {
    shop.sandbox.fail({ kind, match: { method: 'PUT' } });
    const email = `qzplant${kind.replace('_', '')}@example.com`;
    const args = { order_id: another(kind), changes: { email } };
    texts.push((await shop.call(key, 'update_order', args)).text);
  }
  return { orderId: order_id, changes, texts };
}
