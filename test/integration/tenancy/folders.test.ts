/** What the owner says of folders: said by commands, kept with the store in Postgres, seen by every replica. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { Database } from '../../../src/storage/port.js';
import { openPostgres } from '../../../src/storage/postgres.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import { MOST_FOLDERS } from '../../../src/tenancy/operations/store-folders.js';
import { createMigratedDatabase } from '../../support/services/index.js';
import { told, trail } from '../audit/support.js';
import { AcceptedCredentials, newRing, replica } from './support.js';

const FOLDERS = [
  { id: '11', name: 'New' },
  { id: '12', name: 'Shipped' },
  { id: '13', name: 'Sent to Print' },
  { id: '14', name: 'Twice' },
  { id: '15', name: 'TWICE' },
];

describe('folders of a store', () => {
  const rings = { kms: newRing('k1'), peppers: newRing('p1') };
  const clock = { ahead: 0 };
  let database: Database;
  let orderDesk: AcceptedCredentials;
  let one: ReturnType<typeof replica>;
  let other: ReturnType<typeof replica>;
  let tenantId: TenantId;
  const store = { tenant: 'Merchant', store: 'Main' };

  beforeAll(async () => {
    const made = await createMigratedDatabase();
    database = openPostgres({ url: made.serviceUrl });
    orderDesk = new AcceptedCredentials();
    orderDesk.accept('1001', 'made-up-key-1001');
    one = replica(database, orderDesk, rings);
    other = replica(database, orderDesk, { ...rings, clock });
    ({ tenantId } = await one.operations.createTenant.run({ name: store.tenant }));
    await one.operations.addStore.run({
      tenant: store.tenant,
      name: 'Main',
      orderDeskStoreId: '1001',
      apiKey: 'made-up-key-1001',
    });
    return async () => {
      await database.close();
      await made.drop();
    };
  });

  beforeEach(async () => {
    orderDesk.folders = FOLDERS;
    orderDesk.down = false;
    clock.ahead += 1_000;
    await database.asTenant(tenantId, (tx) =>
      tx.run(`update stores set folder_states = '{}', folder_notes = '{}'`),
    );
  });

  const configure = (folder: string, change: object) =>
    one.operations.configureFolder.run({ ...store, folder, ...change });
  const list = () => one.operations.listFolders.run(store);
  const events = async () =>
    (await trail(one.operations, { tenant: store.tenant })).filter(
      ({ action }) => action === 'store.folder_configured',
    );
  const failure = async (promise: Promise<unknown>): Promise<AppError> => {
    const thrown = await promise.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (thrown instanceof AppError) return thrown;
    throw new Error('it succeeded');
  };

  it('are listed with what their names say, until the owner says otherwise', async () => {
    const guessed = { saidBy: 'name', note: null };
    expect((await list()).slice(0, 3)).toEqual([
      { folderId: '11', name: 'New', means: 'open', ...guessed },
      { folderId: '12', name: 'Shipped', means: 'closed', ...guessed },
      { folderId: '13', name: 'Sent to Print', means: 'open', ...guessed },
    ]);
    const note = 'Prints the packing slip';
    const configured = await configure('  SENT TO PRINT ', { means: 'closed', note: ` ${note} ` });
    expect(configured).toEqual({
      folderId: '13',
      name: 'Sent to Print',
      means: 'closed',
      saidBy: 'owner',
      note,
    });
    expect(await configure('12', { means: 'open' })).toMatchObject({ means: 'open', saidBy: 'owner' });
    expect((await list()).map(({ means, saidBy }) => [means, saidBy]).slice(0, 3)).toEqual([
      ['open', 'name'],
      ['open', 'owner'],
      ['closed', 'owner'],
    ]);
  });

  it('keep the one while the other changes, and go back to a guess', async () => {
    await configure('12', { means: 'canceled', note: 'Sends mail' });
    expect(await configure('12', { note: null })).toMatchObject({ means: 'canceled', note: null });
    expect(await configure('12', { note: 'Sends two mails' })).toMatchObject({ means: 'canceled' });
    expect(await configure('shipped', { means: 'guess' })).toMatchObject({
      means: 'closed',
      saidBy: 'name',
      note: 'Sends two mails',
    });
  });

  it('are configured by two commands at the same time, and both hold', async () => {
    await Promise.all([
      configure('11', { means: 'canceled' }),
      other.operations.configureFolder.run({ ...store, folder: '13', means: 'closed' }),
      configure('13', { note: 'To the printer' }),
    ]);
    expect(await list()).toMatchObject([
      { means: 'canceled' },
      { means: 'closed', saidBy: 'name' },
      { means: 'closed', saidBy: 'owner', note: 'To the printer' },
      {},
      {},
    ]);
  });

  it('mean the same to another replica within a second', async () => {
    const made = await one.operations.createKey.run({ tenant: store.tenant, name: 'bot', role: 'agent' });
    const principal = await other.authenticator.authenticate(`Bearer ${made.key}`);
    expect((await other.directory.resolve(principal, 'Main')).folderStates).toEqual({});
    await configure('12', { means: 'canceled', note: 'Refunded by hand' });
    clock.ahead += 1_000;
    expect(await other.directory.resolve(principal, 'Main')).toMatchObject({
      folderStates: { 12: 'canceled' },
      folderNotes: { 12: 'Refunded by hand' },
    });
  });

  it('that nobody has are refused with those that there are', async () => {
    const before = (await events()).length;
    const error = await failure(configure('Shiped', { means: 'closed' }));
    expect(error).toMatchObject({ code: 'unknown_folder', field: 'folder' });
    expect(error.message).toContain('"New" (11), "Shipped" (12), "Sent to Print" (13)');
    expect(await failure(configure('99', { means: 'closed' }))).toMatchObject({ code: 'unknown_folder' });
    expect(await events()).toHaveLength(before);
  });

  it('of one name are told apart by exact spelling or id', async () => {
    expect(await configure('Twice', { means: 'closed' })).toMatchObject({ folderId: '14' });
    const error = await failure(configure('twice', { means: 'closed' }));
    expect(error).toMatchObject({ code: 'invalid_argument', field: 'folder' });
    expect(error.message).toContain('"Twice" (14), "TWICE" (15). Give the id.');
  });

  it('are named to the fiftieth where there are many', async () => {
    orderDesk.folders = Array.from({ length: 60 }, (_folder, index) => ({
      id: `${index + 1}`,
      name: `F${index}`,
    }));
    const { message } = await failure(configure('none', { means: 'closed' }));
    expect(message).toContain('"F49" (50) and 10 more.');
    expect(message).not.toContain('"F50"');
  });

  it('are shown without what a terminal would obey', async () => {
    orderDesk.folders = [{ id: '11', name: `\u001b[2JNew\u202e\ud800${'x'.repeat(300)}` }];
    const shown = `\ufffd[2JNew\ufffd\ufffd${'x'.repeat(191)}`;
    expect((await list())[0]?.name).toBe(shown);
    expect((await failure(configure('Old', { means: 'open' }))).message).toContain(`"${shown}" (11).`);
  });

  it('that are gone stay listed, and can be forgotten by id', async () => {
    await configure('13', { means: 'closed', note: 'Printer' });
    orderDesk.folders = FOLDERS.slice(0, 1);
    expect((await list()).slice(1)).toEqual([
      { folderId: '13', name: null, means: 'closed', saidBy: 'owner', note: 'Printer' },
    ]);
    expect(await configure('13', { means: 'guess', note: null })).toEqual({
      folderId: '13',
      name: null,
      means: null,
      saidBy: null,
      note: null,
    });
    expect(await list()).toHaveLength(1);
  });

  it('can be configured by id while Order Desk is away, and not by name', async () => {
    orderDesk.down = true;
    expect(await configure('12', { means: 'canceled' })).toMatchObject({ name: null, means: 'canceled' });
    const error = await failure(configure('Shipped', { means: 'closed' }));
    expect(error).toMatchObject({
      code: 'upstream_unavailable',
      field: 'folder',
      hint: 'Try again later, or give the id of the folder.',
    });
    expect((await failure(list())).code).toBe('upstream_unavailable');
    orderDesk.down = false;
    expect((await list())[1]).toMatchObject({ name: 'Shipped', means: 'canceled', saidBy: 'owner' });
  });

  it('leave an event without the words of the owner, and none where nothing changed', async () => {
    const before = new Set((await events()).map(({ id }) => id));
    await configure('12', { means: 'canceled', note: 'Call Jane first' });
    await configure('12', { means: 'canceled', note: 'Call Jane first' });
    await configure('11', { means: 'guess', note: null });
    await configure('12', { means: 'guess', note: null });
    const entries = (await events()).filter(({ id }) => !before.has(id));
    expect(told(entries).map((line) => line.replace(/:.*/, ''))).toEqual([
      'operator store.folder_configured store',
      'operator store.folder_configured store',
    ]);
    expect(
      entries
        .map(({ detail }) => detail)
        .toSorted((a, b) => Number(a.note_characters === 0) - Number(b.note_characters === 0)),
    ).toEqual([
      { orderdesk_store_id: '1001', folder_id: '12', means: 'canceled', note_characters: 15 },
      { orderdesk_store_id: '1001', folder_id: '12', means: 'guess', note_characters: 0 },
    ]);
    expect(JSON.stringify(entries)).not.toContain('Jane');
  });

  it.each([
    ['means', { folder: 'New' }, /--means, --note or --no-note/],
    ['means', { folder: 'New', means: 'done' }, /open, closed, canceled or guess/],
    ['folder', { folder: ' ', means: 'open' }, /empty/],
    ['folder', { folder: 'x'.repeat(201), means: 'open' }, /200/],
    ['note', { folder: 'New', note: 'x'.repeat(501) }, /at most 500 characters/],
    ['note', { folder: 'New', note: ' ' }, /--no-note/],
    ['note', { folder: 'New', note: 'two\nlines' }, /one line/],
    ['note', { folder: 'New', note: 'turned \u202e round' }, /invisible/],
  ])('are not configured with a wrong %s: %j', async (field, input, message) => {
    const asked = orderDesk.asked.length;
    const error = await failure(configure('', input));
    expect(error).toMatchObject({ code: 'invalid_argument', field });
    expect(error.message).toMatch(message);
    expect(orderDesk.asked).toHaveLength(asked);
  });

  it('are at most so many', async () => {
    orderDesk.folders = Array.from({ length: MOST_FOLDERS + 1 }, (_folder, index) => ({
      id: `${index + 1}`,
      name: `F${index}`,
    }));
    const states = Object.fromEntries(orderDesk.folders.slice(1).map(({ id }) => [id, 'closed']));
    await database.asTenant(tenantId, (tx) =>
      tx.run('update stores set folder_states = $1::jsonb', [JSON.stringify(states)]),
    );
    expect(await failure(configure('1', { means: 'closed' }))).toMatchObject({
      code: 'invalid_argument',
      field: 'folder',
      hint: expect.stringContaining('--means guess --no-note'),
    });
    expect(await configure('2', { means: 'canceled' })).toMatchObject({ means: 'canceled' });
  });

  it('with a meaning that nobody can read fail closed', async () => {
    await database.asTenant(tenantId, (tx) =>
      tx.run(`update stores set folder_states = '{"12": "maybe"}'::jsonb`),
    );
    await expect(list()).rejects.toMatchObject({ name: 'ZodError' });
  });
});
