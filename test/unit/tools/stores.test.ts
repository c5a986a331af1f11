import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { describe, expect, it } from 'vitest';
import type { ToolDeps } from '../../../src/tools/deps.js';
import { aStoreView, gatewayOf, InMemoryStore } from './support/gateway.js';
import { aCall, aPrincipal, aStoreEntry, call, directoryOf, toolDeps, toolNamed } from './support/ports.js';

const day = new Date('2026-01-05T00:00:00Z');

describe('list_stores', () => {
  const listStores = (...stores: ReturnType<typeof aStoreEntry>[]) =>
    toolNamed('list_stores', toolDeps(gatewayOf(new InMemoryStore()), { directory: directoryOf(...stores) }));

  it('names the stores, the default and the state of each connection', async () => {
    const tool = listStores(
      aStoreEntry(),
      aStoreEntry({ name: 'shut out', isDefault: false, orderDeskId: '12', refusedAt: day }),
      aStoreEntry({
        name: 'new',
        isDefault: false,
        orderDeskId: '13',
        verifiedAt: null,
        lastContactAt: null,
      }),
    );
    const { data } = await call(tool, {});
    expect(data).toEqual({
      stores: [
        {
          name: 'main',
          order_desk_id: '11',
          default: true,
          access: 'write',
          connection: 'working',
          last_contact: '2026-01-02T00:00:00.000Z',
          rate_budget: { mode: 'shared', available: 17, capacity: 18, per_second: 3, paused_s: 0 },
        },
        expect.objectContaining({ name: 'shut out', connection: 'refused' }),
        expect.objectContaining({ name: 'new', connection: 'not_verified', last_contact: null }),
      ],
    });
    expect(new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {})(data)).toMatchObject({
      valid: true,
    });
  });

  it('says that a key which only reads can do nothing else in a store', async () => {
    const principal = aPrincipal();
    const readOnly = { ...principal, scope: { ...principal.scope, readOnly: true } };
    const { data } = await call(listStores(aStoreEntry()), {}, aCall(readOnly));
    expect(data.stores.map(({ access }: { access: string }) => access)).toEqual(['read']);
  });

  it('tells what is left of the budget of each store, and asks nothing of Order Desk', async () => {
    const refuse = async () => {
      throw new Error('Order Desk was asked');
    };
    const gateway = { store: refuse, listOrders: refuse, getOrder: refuse, listInventory: refuse };
    const left = { main: 4, other: 0 };
    const tool = toolNamed(
      'list_stores',
      toolDeps(gateway, {
        directory: directoryOf(aStoreEntry(), aStoreEntry({ name: 'other', isDefault: false })),
        budgets: {
          of: async ({ name }) => ({
            mode: 'local',
            tokens: name === 'main' ? left.main : left.other,
            capacity: 6,
            perSecond: 1 / 3,
            pausedS: name === 'main' ? 0 : 12,
          }),
        },
      }),
    );
    const { data } = await call(tool, {});
    const same = { mode: 'local', capacity: 6, per_second: 0.33 };
    expect(data.stores.map((store: { rate_budget: unknown }) => store.rate_budget)).toEqual([
      { ...same, available: 4, paused_s: 0 },
      { ...same, available: 0, paused_s: 12 },
    ]);
  });

  it('looks only at the budgets of stores that fit', async () => {
    const many = Array.from({ length: 400 }, (_, index) => aStoreEntry({ name: `store ${index}` }));
    const asked: string[] = [];
    const budgets: ToolDeps['budgets'] = {
      of: async ({ name }) => {
        asked.push(name);
        return { mode: 'shared', tokens: 100_000, capacity: 100_000, perSecond: 9_999.99, pausedS: 300 };
      },
    };
    const deps = toolDeps(gatewayOf(new InMemoryStore()), { directory: directoryOf(...many), budgets });
    const { data, text } = await call(toolNamed('list_stores', deps), {});
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(asked).toEqual(data.stores.map(({ name }: { name: string }) => name));
    expect(data.stores.length).toBeGreaterThan(50);
  });

  it('takes no arguments, and says so', async () => {
    await expect(call(listStores(), { store: 'main' })).rejects.toMatchObject({
      message: 'Unknown argument: store.',
      hint: expect.stringContaining('It takes none.'),
    });
    expect((await call(listStores(), undefined)).data).toEqual({ stores: [] });
  });

  it('counts the stores that do not fit', async () => {
    const many = Array.from({ length: 400 }, (_, index) => aStoreEntry({ name: `store ${index}` }));
    const { data, text } = await call(listStores(...many), {});
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(data.stores.length + data.omitted).toBe(400);
  });
});

describe('get_store', () => {
  const getStore = (view = aStoreView()) =>
    toolNamed('get_store', toolDeps(gatewayOf(new InMemoryStore(), view)));

  it('tells folders with the notes of the owner, zone, country and shipping methods', async () => {
    const tool = getStore();
    const { data } = await call(tool, { store: 'main' });
    expect(data).toEqual({
      store: 'main',
      order_desk_id: '11',
      order_desk_name: 'Test Store',
      time_zone: 'America/Los_Angeles',
      country: 'US',
      locale: 'en_US',
      folders: [
        { id: '1', name: 'New', means: 'open' },
        { id: '2', name: 'Closed', means: 'closed', note: 'Sends the thank-you mail' },
      ],
      shipping_methods: ['Ground'],
    });
    expect(new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {})(data)).toMatchObject({
      valid: true,
    });
  });

  it('takes the word of the owner before the name of a folder, and says where the owner spoke, also of an open one', async () => {
    const folders = ['New', 'Shipped', 'Void', 'Printed', 'Closed'].map((name, id) => ({
      id: `${id}`,
      name,
    }));
    const directory = directoryOf(aStoreEntry({ folderStates: { 3: 'closed', 4: 'open', 2: 'canceled' } }));
    const deps = toolDeps(gatewayOf(new InMemoryStore(), aStoreView({ folders })), { directory });
    const { data } = await call(toolNamed('get_store', deps), {});
    expect(data.folders).toMatchObject([
      { name: 'New', means: 'open' },
      { name: 'Shipped', means: 'closed' },
      { name: 'Void', means: 'canceled', said_by_owner: true },
      { name: 'Printed', means: 'closed', said_by_owner: true },
      { name: 'Closed', means: 'open', said_by_owner: true },
    ]);
    expect(data.folders.filter((folder: object) => 'said_by_owner' in folder)).toHaveLength(3);
  });

  it('shows no note where an id is called like something that every object has', async () => {
    const folders = [{ id: 'constructor', name: 'New' }];
    const { data } = await call(getStore(aStoreView({ folders })), {});
    expect(data.folders).toEqual([{ id: 'constructor', name: 'New', means: 'open' }]);
  });

  it('says what was said of folders that are gone, or newer than what was read', async () => {
    const directory = directoryOf(
      aStoreEntry({
        folderNotes: { 2: 'Sends mail', 77: 'Sent to print' },
        folderStates: { 77: 'closed', 88: 'canceled', 1: 'open' },
      }),
    );
    const deps = toolDeps(gatewayOf(new InMemoryStore()), { directory });
    const { data } = await call(toolNamed('get_store', deps), {});
    expect(data.folders.filter((folder: object) => 'note' in folder)).toEqual([
      { id: '2', name: 'Closed', means: 'closed', note: 'Sends mail' },
    ]);
    expect(data.remarks).toEqual([
      expect.stringMatching(/did not have when it was last read, .*: 77, 88\.$/),
    ]);
  });

  it('counts folders and methods that do not fit', async () => {
    const many = Array.from({ length: 900 }, (_, index) => ({ id: String(index), name: `Folder ${index}` }));
    const tool = getStore(aStoreView({ folders: many, shippingMethods: many.map(({ name }) => name) }));
    const { data, text } = await call(tool, {});
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(data.folders.length + data.omitted.folders).toBe(900);
    expect(data.shipping_methods.length + data.omitted.shipping_methods).toBe(900);
  });
});
