/**
 * Two tenants, each with a store, the stores holding orders of the same ids. Whatever one names of the other must be
 * answered exactly as a thing that does not exist: byte for byte, but for what is random in every answer.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callTool } from '../support/call-tool.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const orderRows = z.object({ rows: z.array(z.object({ id: z.string() })) });
const FIRST_ORDER_ID = 7000;
const STORES = [
  {
    id: '701',
    apiKey: 'sandbox-key-701',
    name: 'Alpha goods',
    timeZone: 'UTC',
    seed: 11,
    firstOrderId: FIRST_ORDER_ID,
  },
  {
    id: '702',
    apiKey: 'sandbox-key-702',
    name: 'Beta wares',
    timeZone: 'UTC',
    seed: 12,
    firstOrderId: FIRST_ORDER_ID + 600,
  },
] as const;

let server: TestServer;
const keys: Record<'alpha' | 'beta', string> = { alpha: '', beta: '' };
/** Ids that only one of the two stores holds, and one that both hold. */
let ids: { alphaOnly: string; betaOnly: string; both: string };
let betaSourceId: string;

beforeAll(async () => {
  server = await startTestServer({ stores: STORES });
  keys.alpha = (await server.addTenant('alpha', '701')).key;
  keys.beta = (await server.addTenant('beta', '702')).key;
  const held = (store: string) =>
    new Set(
      server.sandbox
        .store(store)
        .orders()
        .map((order) => String(order.id)),
    );
  const [alpha, beta] = [held('701'), held('702')];
  const first = (from: Set<string>, keep: (id: string) => boolean) => [...from].find(keep) ?? '';
  ids = {
    alphaOnly: first(alpha, (id) => !beta.has(id)),
    betaOnly: first(beta, (id) => !alpha.has(id)),
    both: first(alpha, (id) => beta.has(id)),
  };
  betaSourceId =
    server.sandbox
      .store('702')
      .orders()
      .find((order) => order.source_id !== '')?.source_id ?? '';
});
afterAll(() => server.close());

/** An answer without the marker of its text block, which is random. */
async function answer(who: 'alpha' | 'beta', tool: string, args: Record<string, unknown>): Promise<string> {
  const { text } = await callTool(server.url, keys[who], tool, args);
  return text.replaceAll(/data-[0-9a-f]{12}/g, 'data-marker');
}

describe('what belongs to another tenant', () => {
  it('is there to be found by its owner', async () => {
    expect(ids.alphaOnly && ids.betaOnly && ids.both).toBeTruthy();
    const own = await callTool(server.url, keys.beta, 'get_order', { order_id: ids.betaOnly });
    expect(own.result?.isError).toBeUndefined();
  });

  const range = { added_from: '2026-01-01', added_to: '2026-06-30' };
  it.each<[string, () => object]>([
    ['get_order', () => ({ order_id: ids.both })],
    ['list_orders', () => ({})],
    ['list_orders', () => ({ ...range, shipped: 'no' })],
    ['get_store', () => ({})],
    ['summarize_orders', () => ({ ...range, group_by: 'source' })],
    ['find_exceptions', () => ({})],
    ['list_inventory', () => ({})],
  ])('cannot be reached by store name or id in %s', async (tool, argumentsOf) => {
    const rest = argumentsOf();
    const random = await answer('alpha', tool, { ...rest, store: 'Gamma things' });
    for (const store of ['Beta wares', 'beta wares', '702']) {
      expect(await answer('alpha', tool, { ...rest, store })).toBe(random);
    }
    expect(random).toContain('unknown_store');
    expect(random).not.toContain('Beta');
  });

  it('looks like nothing when its order id is asked for', async () => {
    const nothing = await answer('alpha', 'get_order', { order_id: '99999999' });
    expect(await answer('alpha', 'get_order', { order_id: ids.betaOnly })).toBe(nothing);
    expect(nothing).toContain('not_found');
  });

  it('looks like nothing when its own number is asked for', async () => {
    const own = server.sandbox
      .store('701')
      .orders()
      .some((order) => order.source_id === betaSourceId);
    expect(own).toBe(false);
    const nothing = await answer('alpha', 'get_order', { source_id: `${betaSourceId}-none` });
    expect(await answer('alpha', 'get_order', { source_id: betaSourceId })).toBe(nothing);
  });

  it("is never what an id of both stores gives: each tenant gets its own store's order", async () => {
    const mine = await callTool(server.url, keys.alpha, 'get_order', { order_id: ids.both });
    const theirs = await callTool(server.url, keys.beta, 'get_order', { order_id: ids.both });
    expect(mine.result?.structuredContent).toMatchObject({ store: 'Alpha goods' });
    expect(theirs.result?.structuredContent).toMatchObject({ store: 'Beta wares' });
    expect(mine.result?.structuredContent?.version).not.toBe(theirs.result?.structuredContent?.version);
    // Again, now out of the cache.
    const again = await callTool(server.url, keys.alpha, 'get_order', { order_id: ids.both });
    expect(again.result?.structuredContent).toEqual(mine.result?.structuredContent);
  });

  it('cannot be paged through with a cursor of its own', async () => {
    const page = await callTool(server.url, keys.beta, 'list_orders', { limit: 3 });
    const cursor = String(page.result?.structuredContent?.next_cursor);
    const random = randomBytes(96).toString('base64url');
    expect(await answer('alpha', 'list_orders', { limit: 3, cursor })).toBe(
      await answer('alpha', 'list_orders', { limit: 3, cursor: random }),
    );
  });

  it('is in no listing', async () => {
    const listed = (await answer('alpha', 'list_stores', {})) + (await answer('alpha', 'get_store', {}));
    expect(listed).toContain('Alpha goods');
    expect(listed).not.toContain('Beta wares');
    const own = new Set(
      server.sandbox
        .store('701')
        .orders()
        .map((order) => String(order.id)),
    );
    const listing = await callTool(server.url, keys.alpha, 'list_orders', { limit: 100 });
    const seen = orderRows.parse(listing.result?.structuredContent).rows.map((row) => row.id);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.every((id) => own.has(id))).toBe(true);
  });

  it('is not shown to a key that is limited to another store of the same tenant', async () => {
    const { operations } = server.server;
    await operations.addStore.run({
      tenant: 'alpha',
      name: 'Second',
      orderDeskStoreId: '702',
      apiKey: 'sandbox-key-702',
    });
    const { key } = await operations.createKey.run({
      tenant: 'alpha',
      name: 'one',
      role: 'agent',
      stores: ['701'],
    });
    const strip = (text: string) => text.replaceAll(/data-[0-9a-f]{12}/g, '');
    const hidden = await callTool(server.url, key, 'list_orders', { store: 'Second' });
    const none = await callTool(server.url, key, 'list_orders', { store: 'Third' });
    expect(strip(hidden.text)).toBe(strip(none.text));
    await operations.removeStore.run({ tenant: 'alpha', store: 'Second' });
  });
});
