/** The log of changes as a tool. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import { describe, expect, it } from 'vitest';
import type { ChangeEntry, ChangeFilter, ChangePage } from '../../../src/changes/port.js';
import type { StoreRowId } from '../../../src/tenancy/ids.js';
import { listChangesTool } from '../../../src/tools/list-changes.js';
import { aLine, anEntry, CHANGE_ID, fakeEngine } from './support/changes.js';
import { aStoreView, gatewayOf, InMemoryStore } from './support/gateway.js';
import { aCall, aPrincipal, aStoreEntry, call, directoryOf, toolDeps } from './support/ports.js';

const MAIN = aStoreEntry();
const OUTLET = aStoreEntry({ rowId: 'row-2' as StoreRowId, name: 'outlet', isDefault: false });
const { outputSchema } = listChangesTool(toolDeps(gatewayOf(new InMemoryStore())), 'named');
const validate = new AjvJsonSchemaValidator().getValidator(outputSchema ?? {});

/** Pages as the ledger gives them: newest first, after an id. */
const paged =
  (entries: readonly ChangeEntry[]) =>
  ({ after, limit }: ChangeFilter): ChangePage => {
    const start = after === undefined ? 0 : entries.findIndex(({ id }) => id === after) + 1;
    return { entries: entries.slice(start, start + limit), hasMore: entries.length > start + limit };
  };

function log(entries: readonly ChangeEntry[], stores = [MAIN, OUTLET], masked = false) {
  const engine = fakeEngine(undefined, paged(entries));
  const reads: string[] = [];
  const gateway = {
    ...gatewayOf(new InMemoryStore()),
    store: async ({ name }: { name: string }) => {
      reads.push(name);
      return aStoreView();
    },
  };
  const masker = { of: async () => (masked ? (kind: string) => `${kind}-x` : undefined) };
  const deps = toolDeps(gateway, { changes: engine, directory: directoryOf(...stores), masker });
  const tool = listChangesTool(deps, 'named');
  return {
    engine,
    reads,
    async list(args: object, ctx = aCall()) {
      const { data, text } = await call(tool, args, ctx);
      expect(validate(data)).toMatchObject({ valid: true });
      expect(text.length).toBeLessThanOrEqual(20_000);
      return data;
    },
  };
}

const many = (count: number, change: (index: number) => Partial<ChangeEntry> = () => ({})): ChangeEntry[] =>
  Array.from({ length: count }, (_, index) =>
    anEntry({ id: `01900000-0000-7000-8000-${String(count - index).padStart(12, '0')}`, ...change(index) }),
  );

describe('list_changes', () => {
  it('says who changed what, when, and whether it can be undone', async () => {
    const undone = anEntry({ undoneBy: 'other', undoes: 'earlier', state: 'unknown', outcome: 'partly' });
    const data = await log([anEntry(), undone]).list({});
    const row = {
      id: CHANGE_ID,
      at: '2026-01-31T12:00:00.000Z',
      store: 'main',
      key: 'agent',
      kid: 'kid0000001',
      client: 'example-client 1.0',
      tool: 'update_order',
      status: 'applied',
      outcome: 'applied',
      undoable: true,
      results: [
        {
          order_id: '26211',
          outcome: 'applied',
          changes: [{ field: 'email', before: 'ada@example.com', after: 'bea@example.com' }],
        },
      ],
    };
    expect(data).toEqual({
      rows: [
        row,
        {
          ...row,
          status: 'unknown',
          outcome: 'partly',
          undoable: false,
          undoes: 'earlier',
          undone_by: 'other',
        },
      ],
      returned: 2,
      next_cursor: null,
    });
  });

  it('says no outcome of what is not settled', async () => {
    const { rows } = await log([anEntry({ state: 'pending', outcome: null })]).list({});
    expect(rows).toMatchObject([{ status: 'pending' }]);
    expect(JSON.parse(JSON.stringify(rows))[0]).not.toHaveProperty('outcome');
  });

  it('looks at all stores of the key, or at the one named', async () => {
    const { list, engine } = log([]);
    await list({});
    await list({ store: 'outlet', order_id: '26211', key: 'agent', status: 'unknown', limit: 5 });
    expect(engine.filters).toEqual([
      { stores: [MAIN, OUTLET], limit: 20 },
      { stores: [OUTLET], limit: 5, orderId: '26211', key: 'agent', state: 'unknown' },
    ]);
  });

  it('of a key without stores is empty', async () => {
    const { list, engine } = log([anEntry()], []);
    expect(await list({})).toEqual({ rows: [], returned: 0, next_cursor: null });
    expect(engine.filters).toEqual([]);
  });

  it('takes a date in the zone of the one store, else in UTC, and asks Order Desk only where it has to', async () => {
    const several = log([]);
    await several.list({ since: '2026-01-31' });
    await several.list({ since: '2026-01-31', store: 'outlet' });
    await several.list({ since: '2026-01-31T00:00:00+01:00', store: 'outlet' });
    expect(several.engine.filters.map(({ since }) => since?.toISOString())).toEqual([
      '2026-01-31T00:00:00.000Z',
      '2026-01-31T08:00:00.000Z',
      '2026-01-30T23:00:00.000Z',
    ]);
    expect(several.reads).toEqual(['outlet']);
  });

  it('goes on with a cursor, to the end, for the same key and arguments only', async () => {
    const entries = many(25);
    const { list } = log(entries);
    const first = await list({ limit: 10 });
    const second = await list({ limit: 10, cursor: first.next_cursor });
    const third = await list({ limit: 100, cursor: second.next_cursor });
    const ids = [first, second, third].flatMap(({ rows }) => rows.map(({ id }: { id: string }) => id));
    expect(ids).toEqual(entries.map(({ id }) => id));
    expect(third.next_cursor).toBeNull();
    const invalid = { code: 'invalid_cursor', field: 'cursor' };
    for (const other of [{ store: 'main' }, { status: 'applied' }, { order_id: '1' }]) {
      await expect(list({ ...other, cursor: first.next_cursor })).rejects.toMatchObject(invalid);
    }
    const stranger = aCall(aPrincipal({ keyId: 'key-2' }));
    await expect(list({ cursor: first.next_cursor }, stranger)).rejects.toMatchObject(invalid);
  });

  it('leaves out whole rows for size and goes on behind them', async () => {
    const lines = Array.from({ length: 60 }, (_, index) =>
      aLine({
        target: { kind: 'order', id: `${index + 1}` },
        fields: [{ path: ['email'], before: 'x'.repeat(200), after: index }],
      }),
    );
    const entries = many(40, () => ({ lines }));
    const { list } = log(entries);
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const data = await list({ limit: 40, ...(cursor === undefined ? {} : { cursor }) });
      expect(data.returned).toBe(data.rows.length);
      expect(data.rows.length).toBeGreaterThan(5);
      for (const row of data.rows) expect(row.omitted.applied + row.results.length).toBe(60);
      ids.push(...data.rows.map(({ id }: { id: string }) => id));
      cursor = data.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual(entries.map(({ id }) => id));
    const [row] = (await list({ limit: 1 })).rows;
    expect(row.results.length).toBeGreaterThan(40);
  });

  it('shows of a batch the line of the order that was asked for', async () => {
    const lines = Array.from({ length: 100 }, (_, index) =>
      aLine({
        target: { kind: 'order', id: `${index + 1}` },
        fields: [{ path: ['email'], after: `${index}${'x'.repeat(200)}` }],
      }),
    );
    const { rows } = await log(many(20, () => ({ lines }))).list({ order_id: '100' });
    for (const { results } of rows) expect(results[0]).toMatchObject({ order_id: '100' });
  });

  it('says where what was changed is no longer kept', async () => {
    const data = await log([anEntry({ lines: null })]).list({});
    expect(data.rows[0]).not.toHaveProperty('results');
    expect(data.remarks).toEqual([expect.stringContaining('no longer kept')]);
  });

  it('names a removed store by its id at Order Desk', async () => {
    const store = { rowId: 'row-9', name: null, orderDeskId: '4711' };
    expect((await log([anEntry({ store })]).list({})).rows[0].store).toBe('4711');
  });

  it('names no customer to a key that may not see them', async () => {
    const lines = [aLine({ quoted: 'ada@example.com is no address' })];
    const data = await log([anEntry({ lines })], [MAIN], true).list({});
    expect(JSON.stringify(data)).not.toMatch(/ada|bea/);
    expect(data.rows[0].results[0].changes).toEqual([{ field: 'email', before: 'mail-x', after: 'mail-x' }]);
  });

  it.each([
    [{ order_id: 'A-1' }, 'order_id'],
    [{ since: 'yesterday' }, 'since'],
    [{ status: 'done' }, 'status'],
    [{ limit: 101 }, 'limit'],
    [{ key: '' }, 'key'],
    [{ tool: 'update_order' }, 'tool'],
  ])('refuses %j by name', async (args, field) => {
    const { list, engine } = log([]);
    await expect(list(args)).rejects.toMatchObject({ code: 'invalid_argument', field });
    expect(engine.filters).toEqual([]);
  });
});
