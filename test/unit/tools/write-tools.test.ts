/** What the arguments of tools that write become, and which are refused before anything is asked of anybody. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import { describe, expect, it } from 'vitest';
import type { ChangeAnswer, ChangeKind } from '../../../src/changes/port.js';
import { AppError } from '../../../src/errors.js';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import { aLine, anAnswer, CHANGE_ID, fakeEngine } from './support/changes.js';
import { aStoreView, gatewayOf, InMemoryStore } from './support/gateway.js';
import { aCall, call, toolDeps, toolNamed } from './support/ports.js';

const ajv = new AjvJsonSchemaValidator();
const validators = new Map<string, ReturnType<typeof ajv.getValidator>>();

/** Compiled once for each tool. */
function validatorOf({ name, outputSchema }: ToolDefinition) {
  const validate = validators.get(name) ?? ajv.getValidator(outputSchema ?? {});
  validators.set(name, validate);
  return validate;
}

function asked(name: string, answer: ChangeAnswer = anAnswer(), shop = new InMemoryStore()) {
  const engine = fakeEngine(answer);
  const deps = toolDeps(gatewayOf(shop, aStoreView()), { changes: engine });
  const tool = toolNamed(name, deps);
  return {
    engine,
    shop,
    async ask(args: object, ctx = aCall()) {
      const { data } = await call(tool, args, ctx);
      expect(validatorOf(tool)(data)).toMatchObject({ valid: true });
      return data;
    },
  };
}

/** What the engine is asked for these arguments. */
async function requestOf(name: string, args: object) {
  const { ask, engine } = asked(name);
  await ask(args);
  expect(engine.requests).toHaveLength(1);
  const [request] = engine.requests;
  return { kind: request?.kind, intent: request?.intent, request };
}

const VERSION = `${'0123456789abcdef'.repeat(2)}-${'abc'.repeat(11)}`;
const UPDATE = { order_id: '26211', changes: { email: 'bea@example.com' } };

describe('every tool that writes', () => {
  it('hands over how the call is to be made, and what a key stands for apart from it', async () => {
    const { engine, ask } = asked('move_orders');
    const ctx = { ...aCall(), client: 'example-client 1.0' };
    const own = { order_ids: ['26211'], folder: 'Closed' };
    const options = { dry_run: true, idempotency_key: 'key-1', confirmation_token: 'token-1' };
    await ask({ ...own, ...options, store: 'main' }, ctx);
    expect(engine.requests).toEqual([
      {
        tool: 'move_orders',
        kind: 'orders_move',
        intent: { orderIds: ['26211'], folderId: '2' },
        store: expect.objectContaining({ name: 'main' }),
        args: own,
        dryRun: true,
        idempotencyKey: 'key-1',
        confirmationToken: 'token-1',
      },
    ]);
    expect(engine.contexts).toEqual([ctx]);
  });

  it('is made for real, without a key, unless the call says otherwise', async () => {
    const { request } = await requestOf('update_order', UPDATE);
    expect(request).toMatchObject({ dryRun: false, args: { order_id: '26211', changes: UPDATE.changes } });
    expect(request?.idempotencyKey).toBeUndefined();
  });

  it.each([
    [{ dry_run: 'yes' }, 'dry_run'],
    [{ dry_run: 1 }, 'dry_run'],
    [{ dry_run: null }, 'dry_run'],
    [{ dryRun: true }, 'dryRun'],
    [{ idempotency_key: '' }, 'idempotency_key'],
    [{ idempotency_key: 'x'.repeat(201) }, 'idempotency_key'],
    [{ idempotency_key: 7 }, 'idempotency_key'],
    [{ confirmation_token: 'token-1' }, 'confirmation_token'],
    [{ api_key: 'x' }, 'api_key'],
  ])('refuses %j by name', async (options, field) => {
    const { ask, engine } = asked('update_order');
    const refused = expect(ask({ ...UPDATE, ...options })).rejects;
    await refused.toMatchObject({ code: 'invalid_argument', field });
    expect(engine.requests).toEqual([]);
  });

  it('gives its own errors as they are', async () => {
    const conflict = new AppError('version_conflict');
    const changes = { ...fakeEngine(), run: () => Promise.reject(conflict) };
    const tool = toolNamed('update_order', toolDeps(gatewayOf(new InMemoryStore()), { changes }));
    await expect(call(tool, UPDATE)).rejects.toBe(conflict);
  });
});

describe('create_order', () => {
  it('is an order in the names of Order Desk', async () => {
    const { kind, intent } = await requestOf('create_order', {
      order_items: [
        { code: 'GUM', name: 'Bubble gum', price: '2.50', quantity: 3, variation_list: { Taste: 'Mint' } },
        { name: 'Card' },
      ],
      source_id: 'A-17',
      source_name: 'Shopify',
      email: 'ada@example.com',
      shipping: { first_name: 'Ada', country: 'US' },
      customer: { company: 'Example' },
      totals: { shipping: '4.90', handling: '1', tax: '0.30' },
      payment: { type: 'Visa', status: 'captured' },
      shipping_method: 'Ground',
      checkout_data: { 'Gift Message': 'Hello' },
      order_metadata: { score: 1 },
      folder: 'closed',
    });
    expect(kind).toBe('order_create');
    expect(intent).toEqual({
      order: {
        source_id: 'A-17',
        source_name: 'Shopify',
        email: 'ada@example.com',
        shipping_method: 'Ground',
        shipping: { first_name: 'Ada', country: 'US' },
        customer: { company: 'Example' },
        shipping_total: '4.90',
        handling_total: '1',
        tax_total: '0.30',
        payment_type: 'Visa',
        payment_status: 'Captured',
        checkout_data: { 'Gift Message': 'Hello' },
        order_metadata: { score: 1 },
        folder_id: 2,
        order_items: [
          { code: 'GUM', name: 'Bubble gum', price: '2.50', quantity: 3, variation_list: { Taste: 'Mint' } },
          { name: 'Card', quantity: 1 },
        ],
      },
    });
  });

  it.each([
    [{ order_items: [] }, 'order_items'],
    [{ order_items: [{}] }, 'order_items.0'],
    [{ order_items: [{ code: 'GUM', sku: 'GUM' }] }, 'order_items.0.sku'],
    [{ order_items: [{ code: 'GUM', price: 1e21 }] }, 'order_items.0.price'],
    [{ order_items: [{ code: 'GUM', price: true }] }, 'order_items.0.price'],
    [{ order_items: [{ code: 'GUM', quantity: 1.5 }] }, 'order_items.0.quantity'],
    [{ order_items: [{ code: 'GUM' }], totals: { tax: 'much' } }, 'totals.tax'],
    [{ order_items: [{ code: 'GUM' }], payment: { status: 'Paid' } }, 'payment.status'],
    [{ order_items: [{ code: 'GUM' }], shipping: { phone: 1 } }, 'shipping.phone'],
  ])('refuses %j by name', async (args, field) => {
    const { ask } = asked('create_order');
    await expect(ask(args)).rejects.toMatchObject({ code: 'invalid_argument', field });
  });

  it('takes an amount as text or as a number, which mean the same', async () => {
    const order = (price: unknown, tax: unknown) => ({
      order_items: [{ code: 'GUM', price }],
      totals: { tax },
    });
    const asText = await requestOf('create_order', order(' 2.5', '0'));
    const asNumber = await requestOf('create_order', order(2.5, 0));
    expect(asNumber.intent).toEqual(asText.intent);
    expect(asNumber.request?.args).toEqual(asText.request?.args);
    expect(asNumber.intent).toMatchObject({ order: { tax_total: '0', order_items: [{ price: '2.5' }] } });
  });

  it('names the folders there are in place of an unknown one', async () => {
    const { ask, engine } = asked('create_order');
    const args = { order_items: [{ code: 'GUM' }], folder: 'Unshipped' };
    await expect(ask(args)).rejects.toMatchObject({ code: 'unknown_folder', field: 'folder' });
    expect(engine.requests).toEqual([]);
  });
});

describe('update_order', () => {
  it('passes on the changes as they are, and the version that was read', async () => {
    const changes = { shipping: { city: 'Salem', company: null }, order_items: [{ id: '1', quantity: 2 }] };
    const { kind, intent } = await requestOf('update_order', {
      order_id: '26211',
      changes,
      expected_version: VERSION,
    });
    expect(kind).toBe('order_update');
    expect(intent).toEqual({
      orderId: '26211',
      patch: changes,
      expectedVersion: VERSION,
    });
  });

  it.each([
    [{ order_id: 26211 }, 'order_id'],
    [{ order_id: '#1001' }, 'order_id'],
    [{ order_id: '1/../2' }, 'order_id'],
    [{ changes: {} }, 'changes'],
    [{ changes: [] }, 'changes'],
    [{ expected_version: '7' }, 'expected_version'],
  ])('refuses %j by name', async (args, field) => {
    const { ask } = asked('update_order');
    await expect(ask({ ...UPDATE, ...args })).rejects.toMatchObject({ code: 'invalid_argument', field });
  });
});

describe('move_orders', () => {
  it('names each order once, and answers with the note on the folder', async () => {
    const { ask, engine } = asked('move_orders');
    const data = await ask({ order_ids: ['3', '1', '3'], folder: 'CLOSED' });
    expect(engine.requests[0]?.intent).toEqual({ orderIds: ['3', '1'], folderId: '2' });
    expect(data.folder).toEqual({ id: '2', name: 'Closed', note: 'Sends the thank-you mail' });
    expect((await ask({ order_ids: ['3'], folder: '1' })).folder).toEqual({ id: '1', name: 'New' });
  });

  it('names the folder that each order was in', async () => {
    const lines = [aLine({ fields: [{ path: ['folder_id'], before: '1', after: '2' }] })];
    const { results } = await asked('move_orders', anAnswer({ lines })).ask({
      order_ids: ['1'],
      folder: '2',
    });
    expect(results).toMatchObject([{ changes: [{ before_name: 'New', after_name: 'Closed' }] }]);
  });

  it.each([
    [{ order_ids: [] }, 'order_ids'],
    [{ order_ids: ['1', 'x'] }, 'order_ids.1'],
    [{ order_ids: Array.from({ length: 501 }, (_, index) => String(index + 1)) }, 'order_ids'],
    [{ folder: ' ' }, 'folder'],
  ])('refuses %j by name', async (args, field) => {
    const { ask } = asked('move_orders');
    const refused = expect(ask({ order_ids: ['1'], folder: '1', ...args })).rejects;
    await refused.toMatchObject({ code: 'invalid_argument', field });
  });
});

describe('add_order_note', () => {
  it.each<[object, ChangeKind, object]>([
    [{}, 'note_add', { orderId: '26211', note: 'Called' }],
    [{ as: 'history' }, 'note_add', { orderId: '26211', note: 'Called' }],
    [{ as: 'staff_note' }, 'order_update', { orderId: '26211', patch: { order_notes: ['Called'] } }],
  ])('with %j is %s', async (args, kind, intent) => {
    const made = await requestOf('add_order_note', { order_id: '26211', note: 'Called', ...args });
    expect(made).toMatchObject({ kind, intent });
    expect(made.request?.tool).toBe('add_order_note');
  });

  it('says where the note was there already', async () => {
    const already = anAnswer({
      outcome: 'unchanged',
      changeId: null,
      lines: [aLine({ outcome: 'already', fields: [] })],
    });
    const args = { order_id: '26211', note: 'Called', as: 'staff_note' };
    expect(await asked('add_order_note', already).ask(args)).toMatchObject({ already_there: true });
    expect(await asked('add_order_note').ask(args)).not.toHaveProperty('already_there');
  });

  it.each([{ note: '' }, { note: 'x'.repeat(1_801) }])('refuses %j by name', async (args) => {
    const { ask } = asked('add_order_note');
    const refused = expect(ask({ order_id: '26211', ...args })).rejects;
    await refused.toMatchObject({ code: 'invalid_argument', field: 'note' });
  });
});

describe('add_shipments', () => {
  const line = { order_id: '26211', tracking_number: '1Z1' };
  const partial = { ...line, items: [{ code: 'GUM', quantity: 1 }] };

  it('is a line for each parcel', async () => {
    const { kind, intent } = await requestOf('add_shipments', {
      shipments: [
        {
          ...line,
          carrier_code: 'UPS',
          shipment_method: 'Ground',
          tracking_url: 'https://example.com/1Z1',
          cost: '3.20',
          weight: '1',
        },
        {
          ...line,
          items: [
            { id: '47986', quantity: 2 },
            { code: 'GUM', quantity: 1 },
          ],
        },
      ],
    });
    expect(kind).toBe('shipments_add');
    expect(intent).toEqual({
      lines: [
        {
          orderId: '26211',
          trackingNumber: '1Z1',
          fields: {
            carrier_code: 'UPS',
            shipment_method: 'Ground',
            tracking_url: 'https://example.com/1Z1',
            cost: '3.20',
            weight: '1',
          },
        },
        {
          orderId: '26211',
          trackingNumber: '1Z1',
          fields: {},
          items: [
            { id: '47986', quantity: 2 },
            { code: 'GUM', quantity: 1 },
          ],
        },
      ],
    });
  });

  it.each([
    [{ shipments: [] }, 'shipments'],
    [{ shipments: Array.from({ length: 101 }, () => line) }, 'shipments'],
    [{ shipments: Array.from({ length: 21 }, () => partial) }, 'shipments'],
    [{ shipments: [{ ...line, tracking_number: ' ' }] }, 'shipments.0.tracking_number'],
    [{ shipments: [line, { ...line, label: 'x' }] }, 'shipments.1.label'],
    [{ shipments: [{ ...line, cost: 'free' }] }, 'shipments.0.cost'],
    [{ shipments: [{ ...line, items: [{ quantity: 1 }] }] }, 'shipments.0.items.0'],
    [{ shipments: [{ ...line, items: [{ id: '1', code: 'GUM', quantity: 1 }] }] }, 'shipments.0.items.0'],
  ])('refuses %j by name', async (args, field) => {
    const { ask } = asked('add_shipments');
    await expect(ask(args)).rejects.toMatchObject({ code: 'invalid_argument', field });
  });
});

describe('update_inventory', () => {
  it('is a line for each item', async () => {
    const { kind, intent } = await requestOf('update_inventory', {
      updates: [
        { code: 'GUM', adjust_stock_by: -2, expected_stock: '20' },
        { id: '7', set: { price: '2.50', location: null } },
        { id: '8', adjust_stock_by: 1, expected_stock: 294 },
      ],
    });
    expect(kind).toBe('inventory_update');
    expect(intent).toEqual({
      lines: [
        { code: 'GUM', adjustStockBy: -2, expectedStock: '20' },
        { id: '7', set: { price: '2.50', location: null } },
        { id: '8', adjustStockBy: 1, expectedStock: '294' },
      ],
    });
  });

  const set = { stock: 1 };

  it.each([
    [[], 'updates'],
    [Array.from({ length: 101 }, (_, index) => ({ id: `${index + 1}`, set })), 'updates'],
    [[{ set }], 'updates.0'],
    [[{ code: 'GUM', id: '7', set }], 'updates.0'],
    [[{ code: 'GUM' }], 'updates.0'],
    [[{ code: 'GUM', set, adjust_stock_by: 1 }], 'updates.0'],
    [[{ code: 'GUM', set: {} }], 'updates.0.set'],
    [[{ code: 'GUM', adjust_stock_by: 0 }], 'updates.0.adjust_stock_by'],
    [[{ code: 'GUM', adjust_stock_by: 0.5 }], 'updates.0.adjust_stock_by'],
    [[{ code: 'GUM', adjust_stock_by: 1, expected_stock: 'many' }], 'updates.0.expected_stock'],
    [[{ id: 'GUM', set }], 'updates.0.id'],
    [
      [
        { code: 'GUM', set },
        { id: '7', set },
        { code: ' gum ', set },
      ],
      'updates.2',
    ],
    [
      [
        { id: '7', set },
        { id: '7', adjust_stock_by: 1 },
      ],
      'updates.1',
    ],
  ])('refuses %j by name', async (updates, field) => {
    const { ask, engine } = asked('update_inventory');
    await expect(ask({ updates })).rejects.toMatchObject({ code: 'invalid_argument', field });
    expect(engine.requests).toEqual([]);
  });
});

describe('undo_change', () => {
  it('names the change, and how the call is to be made', async () => {
    const { ask, engine } = asked('undo_change');
    const data = await ask({ change_id: CHANGE_ID, dry_run: true, confirmation_token: 'token-1' });
    expect(engine.undone).toEqual([
      { changeId: CHANGE_ID, dryRun: true, idempotencyKey: undefined, confirmationToken: 'token-1' },
    ]);
    expect(data).toMatchObject({ store: 'main', outcome: 'applied', undoable: true });
  });

  it.each([{ change_id: 'latest' }, { change_id: CHANGE_ID.toUpperCase().replace('0000', 'zzzz') }, {}])(
    'refuses %j by name',
    async (args) => {
      const { ask } = asked('undo_change');
      await expect(ask(args)).rejects.toMatchObject({ code: 'invalid_argument', field: 'change_id' });
    },
  );
});
