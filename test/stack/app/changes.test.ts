/** Writes in the whole server: what people see of them, what the metrics count, and what a shutdown waits for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTool } from '../../support/call-tool.js';
import { deferred } from '../../support/deferred.js';
import { modern } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '711', apiKey: 'sandbox-key-711', name: 'Only store', timeZone: 'UTC', seed: 5 };

let server: TestServer;
let key: string;
let kid: string;
let orderId: string;
beforeAll(async () => {
  server = await startTestServer({ stores: [STORE], env: { METRICS_TOKEN: undefined } });
  ({ key, kid } = await server.addTenant('shop', STORE.id));
  const listed = await callTool(server.url, key, 'list_orders', { limit: 1 });
  orderId = JSON.parse(JSON.stringify(listed.result?.structuredContent)).rows[0].id;
});
afterAll(() => server.close());

const note = (args: object) => callTool(server.url, key, 'add_order_note', { order_id: orderId, ...args });
const changeOf = (reply: Awaited<ReturnType<typeof note>>) => {
  const { structuredContent } = reply.result ?? {};
  return JSON.parse(JSON.stringify(structuredContent ?? reply.error ?? reply.text));
};

describe('the ledger for people', () => {
  it('shows who did what, with each field, and finds it by its filters', async () => {
    const { operations } = server.server;
    const done = changeOf(await note({ note: 'Call back on Monday' }));
    const staff = changeOf(await note({ note: 'Fragile', as: 'staff_note' }));
    const { entries, next } = await operations.listChanges.run({ tenant: 'shop', limit: 1 });
    expect(entries.map(({ id }) => id)).toEqual([staff.change_id]);
    expect(next).toBe(staff.change_id);
    const older = await operations.listChanges.run({ tenant: 'shop', after: next ?? undefined });
    expect(older).toMatchObject({ entries: [{ id: done.change_id }], next: null });

    const shown = await operations.showChange.run({ tenant: 'shop', change: done.change_id });
    expect(shown).toMatchObject({
      tool: 'add_order_note',
      store: 'Only store',
      orderDeskStoreId: STORE.id,
      key: 'test',
      kid,
      state: 'applied',
      lines: [{ target: { kind: 'order', id: orderId }, outcome: 'applied' }],
    });
    expect(JSON.stringify(shown.lines)).toContain('Call back on Monday');

    const found = async (filter: object) =>
      (await operations.listChanges.run({ tenant: 'shop', ...filter })).entries.map(({ id }) => id);
    const both = [staff.change_id, done.change_id];
    expect(await found({ order: orderId, key: kid, store: 'only STORE', state: 'applied' })).toEqual(both);
    expect(await found({ key: 'test', store: STORE.id })).toEqual(both);
    for (const none of [
      { order: '1' },
      { key: 'nobody' },
      { state: 'failed' },
      { since: '2999-01-01T00:00:00Z' },
    ]) {
      expect(await found(none), JSON.stringify(none)).toEqual([]);
    }
    await expect(found({ store: 'Other' })).rejects.toMatchObject({ code: 'unknown_store' });
  });

  it('shows nothing of another tenant', async () => {
    const { operations } = server.server;
    await operations.createTenant.run({ name: 'other' });
    const { entries } = await operations.listChanges.run({ tenant: 'shop' });
    expect(entries.length).toBeGreaterThan(0);
    expect(await operations.listChanges.run({ tenant: 'other' })).toEqual({ entries: [], next: null });
    const change = entries[0]?.id ?? '';
    for (const act of [
      operations.showChange.run({ tenant: 'other', change }),
      operations.settleChange.run({ tenant: 'other', change, outcome: 'failed', reason: 'not ours' }),
    ]) {
      await expect(act).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});

describe('settling', () => {
  it('is refused where the outcome is known, and leaves no word in the trail then', async () => {
    const { operations } = server.server;
    const { change_id: change } = changeOf(await note({ note: 'Known' }));
    const act = operations.settleChange.run({ tenant: 'shop', change, outcome: 'failed', reason: 'a slip' });
    await expect(act).rejects.toMatchObject({ code: 'conflict' });
    const { entries } = await operations.readAudit.run({ tenant: 'shop' });
    expect(entries.filter(({ subject }) => subject === `change:${change}`)).toEqual([]);
  });
});

describe('the metrics', () => {
  it('count writes by tool and outcome', async () => {
    const text = await (await fetch(new URL('/metrics', server.url))).text();
    expect(text).toMatch(/^orderdesk_changes_total\{tool="add_order_note",outcome="applied"\} [1-9]/m);
    expect(text).toContain('orderdesk_changes_unfinished 0\n');
  });
});

describe('a shutdown', () => {
  it('waits for a write whose caller has gone', async () => {
    const leaving = await startTestServer({ stores: [STORE] });
    const { key: other } = await leaving.addTenant('leaving', STORE.id);
    const [order] = leaving.sandbox.store(STORE.id).orders();
    const atOrderDesk = deferred<void>();
    leaving.sandbox.fail({
      kind: 'delay',
      ms: 400,
      match: (method) => {
        if (method === 'POST') atOrderDesk.resolve();
        return method === 'POST';
      },
    });
    const caller = new AbortController();
    const message = modern('tools/call', {
      name: 'add_order_note',
      arguments: { order_id: order?.id, note: 'At the last moment' },
    });
    const call = fetch(leaving.url, {
      method: 'POST',
      headers: { ...message.headers, authorization: `Bearer ${other}` },
      body: JSON.stringify(message.body),
      signal: caller.signal,
    });
    await atOrderDesk.promise;
    caller.abort();
    await expect(call).rejects.toThrow();
    await leaving.close();
    expect(JSON.stringify(leaving.sandbox.store(STORE.id).history(order?.id ?? ''))).toContain(
      'At the last moment',
    );
  });
});
