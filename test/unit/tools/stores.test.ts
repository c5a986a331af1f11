import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { describe, expect, it } from 'vitest';
import { aStoreView, gatewayOf, InMemoryStore } from './support/gateway.js';
import { aStoreEntry, call, directoryOf, toolDeps, toolNamed } from './support/ports.js';

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
          access: 'read',
          connection: 'working',
          last_contact: '2026-01-02T00:00:00.000Z',
        },
        expect.objectContaining({ name: 'shut out', connection: 'refused' }),
        expect.objectContaining({ name: 'new', connection: 'not_verified', last_contact: null }),
      ],
    });
    expect(new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {})(data)).toMatchObject({
      valid: true,
    });
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
        { id: '1', name: 'New' },
        { id: '2', name: 'Closed', note: 'Sends the thank-you mail' },
      ],
      shipping_methods: ['Ground'],
    });
    expect(new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {})(data)).toMatchObject({
      valid: true,
    });
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
