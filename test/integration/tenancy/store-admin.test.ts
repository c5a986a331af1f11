/** The tools for owners, on the stores themselves: what they change, what the trail says, and whom they refuse. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '../../../src/errors.js';
import type { Database } from '../../../src/storage/port.js';
import type { Principal } from '../../../src/tenancy/principal.js';
import type { StoreChoice } from '../../../src/tools/params.js';
import { removeStoreTool } from '../../../src/tools/remove-store.js';
import { updateStoreTool } from '../../../src/tools/update-store.js';
import { verifyStoreTool } from '../../../src/tools/verify-store.js';
import { openTestDatabase } from '../../support/database.js';
import { aStoreView, gatewayOf, InMemoryStore } from '../../unit/tools/support/gateway.js';
import { aCall, call } from '../../unit/tools/support/ports.js';
import { told, trail } from '../audit/support.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

const rings = { kms: newRing('k1'), peppers: newRing('p1') };
const orderDesk = new AcceptedCredentials();
let database: Database;
let one: ReturnType<typeof replica>;
let time = Date.parse('2026-02-01T00:00:00Z');

beforeAll(async () => {
  database = await openTestDatabase();
  one = replica(database, orderDesk, rings);
  for (const id of ['1001', '1002']) orderDesk.accept(id, `made-up-key-${id}`);
});
afterAll(() => database.close());

const view = aStoreView({
  folders: ['New', 'Closed', 'Erledigt'].map((name, at) => ({ id: `${at + 1}`, name })),
});
const tools = (choice: StoreChoice = 'named') => {
  const deps = {
    directory: one.directory,
    gateway: gatewayOf(new InMemoryStore(), view),
    sealer: one.sealer,
    storeAdmin: one.storeAdmin,
    clock: () => new Date(time),
  };
  return {
    update: updateStoreTool(deps, choice),
    remove: removeStoreTool(deps, choice),
    verify: verifyStoreTool(deps, choice),
  };
};

let tenants = 0;
/** A tenant with the stores "Main" (the default) and "EU", and a key. */
async function shop(role: Principal['role'] = 'owner') {
  tenants += 1;
  const { tenantId } = await one.operations.createTenant.run({ name: `Shop ${tenants}` });
  const tenant = tenantId;
  for (const [name, id] of [
    ['Main', '1001'],
    ['EU', '1002'],
  ]) {
    const apiKey = `made-up-key-${id}`;
    const isDefault = name === 'Main';
    await one.operations.addStore.run({ tenant, name, orderDeskStoreId: id ?? '', apiKey, isDefault });
  }
  const { key, kid } = await one.operations.createKey.run({ tenant, name: 'a key', role });
  const principal = await one.authenticator.authenticate(`Bearer ${key}`);
  return { tenant, tenantId, kid, principal, ctx: aCall(principal) };
}

const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (error) => error,
  );

describe('update_store', () => {
  it('changes name, default and folders at once, and the trail names the key and none of the words', async () => {
    const { tenant, tenantId, kid, principal, ctx } = await shop();
    const args = {
      store: 'eu',
      name: 'Europe',
      default: true,
      folders: [{ folder: 'erledigt', means: 'closed', note: 'Sends the thank-you mail' }],
    };
    const preview = await call(tools().update, { ...args, dry_run: true }, ctx);
    expect(preview.data).toMatchObject({ outcome: 'preview', store: 'EU' });
    expect((await one.directory.list(principal)).map(({ name }) => name)).toEqual(['Main', 'EU']);

    const { data } = await call(tools().update, args, ctx);
    expect(data).toMatchObject({ outcome: 'updated', store: 'Europe' });
    expect(data.changes).toEqual(preview.data.changes);
    expect(data.changes).toEqual([
      { what: 'name', before: 'EU', after: 'Europe' },
      { what: 'default', before: false, after: true },
      { what: 'folder_means', folder_id: '3', before: null, after: 'closed' },
      { what: 'folder_note', folder_id: '3', before: null, after: 'Sends the thank-you mail' },
    ]);
    const [first, second] = await one.directory.list(principal);
    expect(first).toMatchObject({
      name: 'Europe',
      isDefault: true,
      folderStates: { 3: 'closed' },
      folderNotes: { 3: 'Sends the thank-you mail' },
    });
    expect(second).toMatchObject({ name: 'Main', isDefault: false });

    const entries = (await trail(one.operations, { tenant: tenantId })).filter(
      ({ actor }) => actor === `key:${kid}`,
    );
    expect(entries.map(({ action, detail }) => [action, detail])).toEqual([
      ['store.updated', { orderdesk_store_id: '1002', renamed: 1, default: 1 }],
      [
        'store.folder_configured',
        { orderdesk_store_id: '1002', folder_id: '3', means: 'closed', note_characters: 24 },
      ],
    ]);
    expect(tenant).toBe(tenantId);
  });

  it('changes nothing where one part cannot be', async () => {
    const { tenantId, principal, ctx } = await shop();
    const before = await trail(one.operations, { tenant: tenantId });
    const taken = await failure(call(tools().update, { store: 'EU', name: 'MAIN', default: true }, ctx));
    expect(taken).toMatchObject({ code: 'conflict', field: 'name' });
    const folders = [{ folder: '1', note: 'two\nlines' }];
    const bad = await failure(call(tools().update, { store: 'EU', name: 'Europe', folders }, ctx));
    expect(bad).toMatchObject({ code: 'invalid_argument', field: 'note' });
    const none = await failure(
      call(tools().update, { store: 'EU', folders: [{ folder: 'Gone', means: 'open' }] }, ctx),
    );
    expect(none).toMatchObject({ code: 'unknown_folder' });
    expect(await one.directory.list(principal)).toMatchObject([
      { name: 'Main', isDefault: true },
      { name: 'EU', isDefault: false },
    ]);
    expect(await trail(one.operations, { tenant: tenantId })).toHaveLength(before.length);
  });

  it('says that nothing differs, and writes nothing then', async () => {
    const { tenantId, ctx } = await shop();
    const before = await trail(one.operations, { tenant: tenantId });
    const { data } = await call(tools().update, { store: 'EU', name: 'EU', default: false }, ctx);
    expect(data).toMatchObject({ outcome: 'unchanged', changes: [] });
    expect(await trail(one.operations, { tenant: tenantId })).toHaveLength(before.length);
  });

  it('forgets what was said of a folder that is gone, by its id', async () => {
    const { principal, ctx } = await shop();
    const [main] = await one.directory.list(principal);
    if (main === undefined) throw new Error('no store');
    await one.storeAdmin.update(principal, main, { folders: [{ folderId: '77', means: 'canceled' }] });
    const folders = [{ folder: '77', means: 'guess' }];
    const { data } = await call(tools('bound').update, { folders }, ctx);
    expect(data.changes).toEqual([
      { what: 'folder_means', folder_id: '77', before: 'canceled', after: null },
    ]);
    expect((await one.directory.list(principal))[0]?.folderStates).toEqual({});
  });
});

describe('remove_store', () => {
  it('needs the token of a dry run of the same key and store, not older than ten minutes', async () => {
    const { principal, ctx } = await shop();
    const other = await shop();
    const { remove } = tools();
    const withoutToken = await failure(call(remove, { store: 'EU' }, ctx));
    expect(withoutToken).toMatchObject({ code: 'confirmation_required', field: 'confirmation_token' });
    const preview = await call(remove, { store: 'EU', dry_run: true }, ctx);
    expect(preview.data).toMatchObject({ outcome: 'preview', order_desk_id: '1002' });
    const token = preview.data.confirmation_token;

    for (const [args, caller] of [
      [{ store: 'Main', confirmation_token: token }, ctx],
      [{ store: 'EU', confirmation_token: token }, other.ctx],
      [{ store: 'EU', confirmation_token: `${token}x` }, ctx],
    ] as const) {
      expect((await failure(call(remove, args, caller))).code).toBe('confirmation_required');
    }
    time += 600_000;
    const late = await failure(call(remove, { store: 'EU', confirmation_token: token }, ctx));
    expect(late.code).toBe('confirmation_required');
    time -= 1;
    const { data } = await call(remove, { store: 'EU', confirmation_token: token }, ctx);
    expect(data).toMatchObject({ outcome: 'removed', store: 'EU' });
    expect((await one.directory.list(principal)).map(({ name }) => name)).toEqual(['Main']);
    const entries = await trail(one.operations, { tenant: principal.tenantId });
    expect(told(entries).filter((line) => line.includes('store.removed'))).toEqual([
      expect.stringMatching(`^key:${principal.kid} store.removed `),
    ]);
  });

  it.each(['claimed', 'pending'])('is refused while a change of the store is %s', async (state) => {
    const { tenantId, principal, ctx } = await shop();
    const [, eu] = await one.directory.list(principal);
    await database.asTenant(tenantId, (tx) =>
      tx.run(
        `insert into changes (change_id, tenant_id, store_row_id, orderdesk_store_id, key_id, kid, key_name, tool, kind,
           fingerprint, state, owner, lease_until)
         values ($1, $2, $3, '1002', $4, $5, 'a key', 'update_order', 'order_update', $6, $7, $1, now())`,
        [randomUUID(), tenantId, eu?.rowId ?? '', principal.keyId, principal.kid, Buffer.alloc(32), state],
      ),
    );
    const { data } = await call(tools().remove, { store: 'EU', dry_run: true }, ctx);
    const removal = { store: 'EU', confirmation_token: data.confirmation_token };
    expect(await failure(call(tools().remove, removal, ctx))).toMatchObject({ code: 'conflict' });
    await expect(one.operations.removeStore.run({ tenant: tenantId, store: 'EU' })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await one.directory.list(principal)).toHaveLength(2);
    await database.asTenant(tenantId, (tx) => tx.run("update changes set state = 'unknown'"));
    expect((await call(tools().remove, removal, ctx)).data.outcome).toBe('removed');
  });
});

describe('verify_store', () => {
  it('tells when Order Desk accepted the credential, or that it refuses it', async () => {
    const { ctx } = await shop();
    const { data } = await call(tools().verify, { store: 'EU' }, ctx);
    expect(data).toMatchObject({ store: 'EU', order_desk_id: '1002', connection: 'working' });
    expect(Date.parse(data.verified)).toBeGreaterThan(Date.now() - 60_000);
    orderDesk.accept('1002', 'another-made-up-key');
    const refused = await failure(call(tools().verify, { store: 'EU' }, ctx));
    orderDesk.accept('1002', 'made-up-key-1002');
    expect(refused.code).toBe('upstream_credentials_refused');
    const [, eu] = await one.directory.list(ctx.principal);
    expect(eu?.refusedAt).not.toBeNull();
  });
});

describe('an agent key', () => {
  it('gets none of it, even past its toolsets, and an owner key nothing of another tenant', async () => {
    const agent = await shop('agent');
    const owner = await shop();
    const [own] = await one.directory.list(agent.principal);
    if (own === undefined) throw new Error('no store');
    const acts = (principal: Principal) => [
      one.storeAdmin.update(principal, own, { name: 'Mine' }),
      one.storeAdmin.remove(principal, own),
      one.storeAdmin.verify(principal, own),
    ];
    for (const act of acts(agent.principal)) expect((await failure(act)).code).toBe('forbidden');
    for (const act of acts(owner.principal)) expect((await failure(act)).code).toBe('unknown_store');
    expect(await one.directory.list(agent.principal)).toHaveLength(2);
  });
});
