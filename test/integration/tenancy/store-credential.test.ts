/** A new API key for a store that is there: what changes, what stays, and what a key that is refused leaves as it was. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src/errors.js';
import type { Database } from '../../../src/storage/port.js';
import { openTestDatabase } from '../../support/database.js';
import { told, trail } from '../audit/support.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

const OLD = 'made-up-key-1001';
const NEW = 'renewed-made-up-key-1001';
const rings = { kms: newRing('k1'), peppers: newRing('p1') };
const orderDesk = new AcceptedCredentials();
const clock = { ahead: 0 };
let database: Database;
let one: ReturnType<typeof replica>;
/** Another process, with a cache of its own. */
let other: ReturnType<typeof replica>;

beforeAll(async () => {
  database = await openTestDatabase();
  one = replica(database, orderDesk, { ...rings, clock });
  other = replica(database, orderDesk, { ...rings, clock });
});
afterAll(() => database.close());

let tenants = 0;
/** A tenant whose store "Main" was added with the old key, and a key of an agent that is limited to it. */
async function shop() {
  tenants += 1;
  const { tenantId } = await one.operations.createTenant.run({ name: `Renewing ${tenants}` });
  const tenant = tenantId;
  orderDesk.accept('1001', OLD);
  const added = await one.operations.addStore.run({
    tenant,
    name: 'Main',
    orderDeskStoreId: '1001',
    apiKey: OLD,
    isDefault: true,
  });
  const means = { store: 'Main', folder: '7', note: 'Prints the slip' };
  orderDesk.folders = [{ id: '7', name: 'Shipped' }];
  await one.operations.configureFolder.run({ tenant, ...means, means: 'closed' });
  const made = await one.operations.createKey.run({ tenant, name: 'bot', role: 'agent', stores: ['Main'] });
  const agent = await one.authenticator.authenticate(`Bearer ${made.key}`);
  clock.ahead += 5_000;
  return { tenant, tenantId, added, agent };
}

const storedRow = z.record(z.string(), z.unknown());
const rowsOf = (tenantId: Parameters<Database['asTenant']>[0]) =>
  database.asTenant(tenantId, (tx) => tx.rows(storedRow, 'select * from stores order by name'));
const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (error) => error,
  );
const shown = ({ code, message, hint, field }: AppError) => JSON.stringify({ code, message, hint, field });

describe('a new API key for a store', () => {
  it('takes the place of the old one in the same row, and nothing else changes', async () => {
    const { tenant, tenantId, added, agent } = await shop();
    const [before] = await rowsOf(tenantId);
    await one.credentials.markContact(await one.directory.resolve(agent, 'Main'), 'refused');
    orderDesk.accept('1001', NEW);
    clock.ahead += 5_000;
    const changed = await one.operations.changeCredential.run({ tenant, store: 'main', apiKey: ` ${NEW}\n` });

    expect(changed).toEqual({
      ...added,
      verifiedAt: expect.stringMatching(/Z$/),
      lastContactAt: changed.verifiedAt,
      refusedAt: null,
    });
    expect(Date.parse(changed.verifiedAt ?? '')).toBeGreaterThan(Date.parse(added.verifiedAt ?? ''));
    const [after, ...more] = await rowsOf(tenantId);
    expect(more).toEqual([]);
    const { credential, verified_at, last_contact_at, ...kept } = after ?? {};
    expect(before).toMatchObject(kept);
    expect(credential).not.toEqual(before?.credential);
    const store = await one.directory.resolve(agent, undefined);
    expect((await one.credentials.credential(store)).apiKey.reveal()).toBe(NEW);
  });

  it('is used by another process within a second', async () => {
    const { tenant, agent } = await shop();
    const stale = await other.directory.resolve(agent, 'Main');
    expect((await other.credentials.credential(stale)).apiKey.reveal()).toBe(OLD);
    orderDesk.accept('1001', NEW);
    await one.operations.changeCredential.run({ tenant, store: '1001', apiKey: NEW });
    clock.ahead += 1_000;
    expect((await other.credentials.credential(stale)).apiKey.reveal()).toBe(NEW);
  });

  it('leaves an event in the trail, and itself nowhere', async () => {
    const { tenant, tenantId, added } = await shop();
    orderDesk.accept('1001', NEW);
    const changed = await one.operations.changeCredential.run({ tenant, store: 'Main', apiKey: NEW });
    const entries = await trail(one.operations, { tenant: tenantId });
    expect(entries.filter(({ action }) => action === 'store.credential_changed')).toEqual([
      expect.objectContaining({
        actor: 'operator',
        subject: `store:${added.storeRowId}`,
        outcome: 'done',
        detail: { orderdesk_store_id: '1001' },
      }),
    ]);
    const [row] = await rowsOf(tenantId);
    const sealed = z.instanceof(Uint8Array).parse(row?.credential);
    for (const text of [JSON.stringify([changed, entries]), Buffer.from(sealed).toString('latin1')]) {
      expect(text).not.toContain(NEW);
    }
  });

  it.each([
    ['that Order Desk refuses', false, 'upstream_credentials_refused'],
    ['that Order Desk cannot be asked about', true, 'upstream_unavailable'],
  ])('%s leaves all as it was', async (_name, isDown, code) => {
    const { tenant, tenantId, agent } = await shop();
    const before = [await rowsOf(tenantId), told(await trail(one.operations, { tenant: tenantId }))];
    orderDesk.down = isDown;
    const error = await failure(
      one.operations.changeCredential.run({ tenant, store: 'Main', apiKey: 'a-wrong-key' }),
    );
    orderDesk.down = false;
    expect(error.code).toBe(code);
    expect(shown(error)).not.toContain('a-wrong-key');
    expect([await rowsOf(tenantId), told(await trail(one.operations, { tenant: tenantId }))]).toEqual(before);
    const store = await one.directory.resolve(agent, 'Main');
    expect((await one.credentials.credential(store)).apiKey.reveal()).toBe(OLD);
  });

  it('that is refused is said to have changed nothing', async () => {
    const { tenant } = await shop();
    const error = await failure(
      one.operations.changeCredential.run({ tenant, store: 'Main', apiKey: 'a-wrong-key' }),
    );
    expect(error).toMatchObject({
      field: 'apiKey',
      message: expect.stringContaining('The one that was stored stays'),
      hint: expect.stringContaining('Store Settings > API'),
    });
  });

  it.each(['Main', '1001'])('is taken for no store of another tenant: %s', async (store) => {
    const { tenantId } = await shop();
    const before = await rowsOf(tenantId);
    const { name } = await one.operations.createTenant.run({ name: `Stranger ${store}` });
    orderDesk.accept('1001', NEW);
    const asked = orderDesk.asked.length;
    const error = await failure(one.operations.changeCredential.run({ tenant: name, store, apiKey: NEW }));
    expect(error).toMatchObject({ code: 'unknown_store', field: 'store' });
    expect(orderDesk.asked).toHaveLength(asked);
    expect(await rowsOf(tenantId)).toEqual(before);
  });

  it('comes too late for a store that is removed meanwhile', async () => {
    const { tenant, tenantId } = await shop();
    orderDesk.accept('1001', NEW);
    const removing = new AcceptedCredentials();
    removing.accept('1001', NEW);
    const verify: AcceptedCredentials['verify'] = async (...given) => {
      await one.operations.removeStore.run({ tenant, store: 'Main' });
      return orderDesk.verify(...given);
    };
    const slow = replica(database, Object.assign(removing, { verify }), { ...rings, clock });
    const error = await failure(slow.operations.changeCredential.run({ tenant, store: 'Main', apiKey: NEW }));
    expect(error.code).toBe('unknown_store');
    expect(await rowsOf(tenantId)).toEqual([]);
    expect(told(await trail(one.operations, { tenant: tenantId })).join()).not.toContain(
      'credential_changed',
    );
  });

  it('stands or falls with its event', async () => {
    const { tenant, tenantId } = await shop();
    const before = await rowsOf(tenantId);
    const failing: Database = {
      ...database,
      asTenant: (id, fn) =>
        database.asTenant(id, (tx) =>
          fn({
            ...tx,
            run: async (sql, params) => {
              if (sql.includes('insert into audit_events')) throw new AppError('storage_unavailable');
              return tx.run(sql, params);
            },
          }),
        ),
    };
    orderDesk.accept('1001', NEW);
    const broken = replica(failing, orderDesk, { ...rings, clock });
    const error = await failure(
      broken.operations.changeCredential.run({ tenant, store: 'Main', apiKey: NEW }),
    );
    expect(error.code).toBe('storage_unavailable');
    expect(await rowsOf(tenantId)).toEqual(before);
  });
});

describe('a refusal of the old API key', () => {
  it('that comes after the new one was stored is not held against it', async () => {
    const { tenant, agent } = await shop();
    const underWay = await other.directory.resolve(agent, 'Main');
    orderDesk.accept('1001', NEW);
    await one.operations.changeCredential.run({ tenant, store: 'Main', apiKey: NEW });
    await other.credentials.markContact(underWay, 'refused');
    const [listed] = await one.operations.listStores.run({ tenant });
    expect(listed?.refusedAt).toBeNull();
  });

  it('by a verification that was under way is not held against the new one either', async () => {
    const { tenant } = await shop();
    const verify: AcceptedCredentials['verify'] = async (...given) => {
      orderDesk.accept('1001', NEW);
      await one.operations.changeCredential.run({ tenant, store: 'Main', apiKey: NEW });
      return orderDesk.verify(...given);
    };
    const slow = replica(database, Object.assign(new AcceptedCredentials(), { verify }), { ...rings, clock });
    const error = await failure(slow.operations.verifyStore.run({ tenant, store: 'Main' }));
    expect(error.code).toBe('upstream_credentials_refused');
    const [listed] = await one.operations.listStores.run({ tenant });
    expect(listed?.refusedAt).toBeNull();
  });
});

describe('adding a store that is there', () => {
  it('says which command gives it a new API key', async () => {
    const { tenant } = await shop();
    orderDesk.accept('1001', NEW);
    for (const name of ['Main', 'Another']) {
      const error = await failure(
        one.operations.addStore.run({ tenant, name, orderDeskStoreId: '1001', apiKey: NEW }),
      );
      expect(error).toMatchObject({ code: 'conflict', field: 'orderDeskStoreId' });
      expect(error.hint).toContain('orderdesk-mcp store credential 1001 --tenant <name>');
    }
  });
});
