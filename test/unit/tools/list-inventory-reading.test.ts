import { describe, expect, it } from 'vitest';
import { AppError, ERROR_TABLE } from '../../../src/errors.js';
import type { StoreGateway } from '../../../src/orderdesk/port.js';
import { listInventoryTool } from '../../../src/tools/list-inventory.js';
import { anInventoryItem, type Behaviour, failing, idsOf, many, world } from './support/inventory.js';
import { aCall, call, toolDeps } from './support/ports.js';

describe('list_inventory, as it reads', () => {
  it.each<Behaviour>([
    { paged: true, largest: 500 },
    { paged: true, largest: 100 },
    { paged: true, largest: 25 },
    { paged: false, largest: 5_000 },
  ])('reads all there is where Order Desk behaves as %j', async (behaviour) => {
    const { list } = world(many(1_203), behaviour);
    expect(await list({ text: 'sku-1203' })).toMatchObject({ total: 1, items_read: 1_203, complete: true });
  });

  it.each([50, 100, 250, 500])(
    'does not claim to be complete where the same %s items come again',
    async (largest) => {
      const { list } = world(many(1_203), { paged: false, largest });
      const data = await list({});
      expect(data).toMatchObject({ complete: false, items_read: largest });
      expect(data.remarks).toEqual([expect.stringContaining(`the same ${largest} items again`)]);
    },
  );

  it('reads each page from the last item of the one before it, until one brings nothing new', async () => {
    const { list, asked } = world(many(1_203));
    await list({});
    expect(asked.map(({ offset }) => offset)).toEqual([0, 499, 998, 1_202]);
  });

  it('reads on after a page that is shorter than the others, and does not claim that nothing is missing', async () => {
    const { gateway } = world(many(1_203));
    const sparse: StoreGateway = {
      ...gateway,
      async listInventory(...args) {
        const { items } = await gateway.listInventory(...args);
        return { items: items.filter(({ view }) => view.id !== '700'), unreadable: 0 };
      },
    };
    const { data } = await call(listInventoryTool(toolDeps(sparse), 'named'), {});
    expect(data).toMatchObject({ items_read: 1_202, complete: false });
    expect(data.remarks[0]).toContain('did not join');
  });

  it.each([
    [1, 1_203],
    [2, 1_202],
  ])('sees that %s items were deleted between two pages', async (deleted, read) => {
    const all = many(1_203);
    let requests = 0;
    const { gateway } = world(all);
    const later = world(all.slice(deleted)).gateway;
    const shrinking: StoreGateway = {
      ...gateway,
      listInventory(...args) {
        requests += 1;
        return (requests === 1 ? gateway : later).listInventory(...args);
      },
    };
    const { data } = await call(listInventoryTool(toolDeps(shrinking), 'named'), {});
    expect(data).toMatchObject({ items_read: read, complete: false });
    expect(data.remarks[0]).toContain('did not join');
  });

  it('sees that the list became shorter than what it had read', async () => {
    const { gateway } = world(many(40));
    const emptied = {
      ...gateway,
      listInventory: async (...[entry, query, ctx]: Parameters<StoreGateway['listInventory']>) =>
        query.offset === 0
          ? gateway.listInventory(entry, query, ctx)
          : ({ items: [], unreadable: 0 } as const),
    };
    const { data } = await call(listInventoryTool(toolDeps(emptied), 'named'), {});
    expect(data).toMatchObject({ items_read: 40, complete: false });
  });

  it('asks again for codes only where one was not found', async () => {
    const { list, asked } = world(many(120), { largest: 25 });
    const codes = Array.from({ length: 30 }, (_, index) => `SKU-${index + 1}`);
    expect(await list({ codes: codes.slice(0, 25) })).toMatchObject({ total: 25, complete: true });
    expect(asked).toHaveLength(1);
    expect(await list({ codes })).toMatchObject({ total: 30, complete: true });
    expect(asked.slice(1).map(({ offset }) => offset)).toEqual([0, 24]);
    expect(await list({ codes: ['NONE', 'SKU-1'] })).toMatchObject({ total: 1, not_found: ['NONE'] });
    expect(asked.slice(3).map(({ offset }) => offset)).toEqual([0, 0]);
  });

  it('counts items that make no sense once, also where they are all that a page holds', async () => {
    const { gateway, asked } = world(many(60), { largest: 50 });
    const broken = (isBroken: (id: number) => boolean): StoreGateway => ({
      ...gateway,
      async listInventory(...args) {
        const { items } = await gateway.listInventory(...args);
        const sound = items.filter(({ view }) => !isBroken(Number(view.id)));
        return { items: sound, unreadable: items.length - sound.length };
      },
    });
    const read = async (isBroken: (id: number) => boolean, args = {}) =>
      (await call(listInventoryTool(toolDeps(broken(isBroken)), 'named'), args)).data;
    expect(await read((id) => id === 50)).toMatchObject({ items_read: 59, unreadable: 1, complete: false });
    expect(await read((id) => id > 50)).toMatchObject({ items_read: 50, unreadable: 10, complete: false });
    asked.length = 0;
    expect(await read(() => true, { codes: ['SKU-7'] })).toMatchObject({
      items_read: 0,
      unreadable: 1,
      not_looked_up: ['SKU-7'],
    });
    expect(asked).toHaveLength(1);
  });

  it('compares codes in any spelling, and asks with that of its caller', async () => {
    const { list, asked } = world([
      anInventoryItem({ id: '1', code: ' Gum ' }),
      anInventoryItem({ id: '2', code: 'ＧＵＭ,x' }),
    ]);
    expect(idsOf(await list({ codes: ['gum', 'GUM,X'] }))).toEqual(['1', '2']);
    expect(idsOf(await list({ codes: ['Gum'] }))).toEqual([]);
    expect(asked.at(-1)?.codes).toEqual(['Gum']);
  });

  it('reads the whole list once, in the background, where codes are no filter', async () => {
    const { list, asked } = world(many(1_203), { codeFilter: 'ignored' });
    const codes = ['sku-3', 'NONE', ...Array.from({ length: 98 }, (_, index) => `SKU-${1_100 + index}`)];
    const data = await list({ codes });
    expect(data).toMatchObject({ total: 99, items_read: 1_203, complete: true, not_found: ['NONE'] });
    expect(asked.map(({ priority, codes }) => [priority, codes?.length])).toEqual([
      ['interactive', 49],
      ['background', undefined],
      ['background', undefined],
      ['background', undefined],
      ['background', undefined],
    ]);
  });

  it('needs no more than the codes where parts of them are a match too', async () => {
    const { gateway } = world(many(120));
    const offsets: number[] = [];
    const contains: StoreGateway = {
      ...gateway,
      async listInventory(entry, query, ctx) {
        const { codes = [], offset = 0 } = query;
        offsets.push(offset);
        const { items } = await gateway.listInventory(entry, {}, ctx);
        const found = items.filter(({ view }) => codes.some((code) => view.code?.includes(code)));
        return { items: found.slice(offset), unreadable: 0 };
      },
    };
    const { data } = await call(listInventoryTool(toolDeps(contains), 'named'), {
      codes: ['SKU-1', 'KU-5'],
    });
    expect(idsOf(data)).toEqual(['1']);
    expect(data).toMatchObject({ items_read: 43, complete: true, not_found: ['KU-5'] });
    expect(offsets).toEqual([0, 42]);
  });

  it('makes way for others after a few requests for codes', async () => {
    const codes = Array.from({ length: 100 }, (_, index) => `${'汉'.repeat(200)}${index}`.slice(-200));
    const { list, asked } = world([]);
    await list({ codes });
    expect(asked.length).toBe(100);
    expect(asked.filter(({ priority }) => priority === 'interactive')).toHaveLength(5);
  });

  it('counts requests as well as items', async () => {
    const { list, asked } = world(many(6_000), { largest: 50 });
    const data = await list({});
    expect(asked).toHaveLength(100);
    expect(data).toMatchObject({ items_read: 4_901, complete: false });
    expect(data.remarks).toEqual([expect.stringContaining('at most 100 requests')]);
  });

  it('counts what could not be understood, and calls no code not found then', async () => {
    const { list } = world(many(3), { unreadable: 2 });
    const data = await list({ codes: ['SKU-1', 'NONE'] });
    expect(data).toMatchObject({ total: 1, unreadable: 2, complete: false, not_looked_up: ['NONE'] });
    expect(data).not.toHaveProperty('not_found');
    expect(data.remarks[0]).toContain('2 items could not be understood');
  });

  it('does not trust pages between which items moved', async () => {
    const items = many(700);
    const { gateway } = world(items);
    const moving: StoreGateway = {
      ...gateway,
      listInventory: (entry, query, ctx) =>
        gateway.listInventory(entry, { ...query, offset: Math.max(0, (query.offset ?? 0) - 1) }, ctx),
    };
    const { data } = await call(listInventoryTool(toolDeps(moving), 'named'), {});
    expect(data).toMatchObject({ items_read: 700, complete: false });
    expect(data.remarks[0]).toContain('did not join');
  });

  it.each([
    'rate_budget_exhausted',
    'upstream_timeout',
    'upstream_rate_limited',
    'upstream_unavailable',
    'store_busy',
    'upstream_malformed',
    'upstream_rejected',
  ] as const)(
    'keeps what it read before %s, says why it stopped, and never calls the list complete',
    async (code) => {
      const { gateway } = world(many(1_003));
      const tool = (failures: Readonly<Record<number, AppError>>) =>
        listInventoryTool(toolDeps(failing(gateway, failures)), 'named');
      const failure = new AppError(code, 'zqWords of Order Desk', { retryAfterS: 7 });
      const { data } = await call(tool({ 2: failure }), { limit: 100 });
      expect(data).toMatchObject({ items_read: 500, total: 500, returned: 100, complete: false });
      expect(data.remarks).toEqual([
        expect.stringContaining(`${ERROR_TABLE[code].publicText} It may work again in 7 s.`),
      ]);
      expect(JSON.stringify(data)).not.toContain('zqWords');
      // The page after it is read whole, but what the first one lacked is still not there.
      const { data: next } = await call(tool({}), { limit: 100, cursor: data.next_cursor });
      expect(next).toMatchObject({ items_read: 1_003, complete: false });
      expect(next.remarks).toEqual([expect.stringContaining('start again without cursor')]);
      const { data: third } = await call(tool({}), { limit: 100, cursor: next.next_cursor });
      expect(third.complete).toBe(false);
      // Without any answer there is nothing to keep.
      await expect(call(tool({ 1: failure }), {})).rejects.toMatchObject({ code });
    },
  );

  it('says which codes it did not come to', async () => {
    const { gateway } = world(many(120));
    const codes = [...Array.from({ length: 60 }, (_, index) => `SKU-${index + 1}`), 'NONE'];
    const failed = failing(gateway, { 3: new AppError('rate_budget_exhausted') });
    const { data } = await call(listInventoryTool(toolDeps(failed), 'named'), { codes: ['LOST', ...codes] });
    expect(data).toMatchObject({ total: 48, complete: false, not_found: ['LOST'] });
    expect(data.not_looked_up).toEqual(codes.slice(48));
  });

  it.each(['upstream_credentials_refused', 'cancelled', 'internal'] as const)(
    'has no answer beside %s',
    async (code) => {
      const { gateway } = world(many(1_003));
      const tool = listInventoryTool(toolDeps(failing(gateway, { 2: new AppError(code) })), 'named');
      await expect(call(tool, {})).rejects.toMatchObject({ code });
    },
  );

  it('ends with what it has when the server shuts down', async () => {
    const { gateway } = world(many(1_003));
    const shutdown = new AbortController();
    const slow: StoreGateway = {
      ...gateway,
      listInventory(entry, query, ctx) {
        if (query.offset === 0) return gateway.listInventory(entry, query, ctx);
        shutdown.abort();
        return new Promise(() => {});
      },
    };
    const tool = listInventoryTool(toolDeps(slow), 'named');
    const { data } = await call(tool, {}, { ...aCall(), draining: shutdown.signal });
    expect(data).toMatchObject({ items_read: 500, complete: false });
    expect(data.remarks).toEqual([expect.stringContaining('shutting down')]);
  });

  it('stops at 20,000 items and calls no code not found then', async () => {
    const { list, asked } = world(many(21_000));
    const data = await list({ codes: ['SKU-20999', 'X,Y'], limit: 100 });
    expect(data).toMatchObject({ items_read: 20_000, complete: false, total: 0 });
    expect(data).not.toHaveProperty('not_found');
    expect(asked).toHaveLength(41);
  });

  it('answers with what it has shortly before its time is over', async () => {
    const { gateway } = world(many(1_000));
    const slow: StoreGateway = {
      ...gateway,
      listInventory: (entry, query, ctx) =>
        query.offset === 0 ? gateway.listInventory(entry, query, ctx) : new Promise(() => {}),
    };
    const tool = listInventoryTool(toolDeps(slow), 'named');
    const { data } = await call(tool, {}, { ...aCall(), deadlineAt: performance.now() + 3_010 });
    expect(data).toMatchObject({ items_read: 500, complete: false, total: 500, returned: 20 });
  });

  it('tells its progress, and ends with its caller', async () => {
    const { gateway } = world(many(700));
    const seen: number[] = [];
    const tool = listInventoryTool(toolDeps(gateway), 'named');
    await call(tool, {}, { ...aCall(), progress: async (read) => void seen.push(read) });
    expect(seen).toEqual([500, 700]);
    const gone = { ...aCall(), signal: AbortSignal.abort() };
    await expect(call(tool, {}, gone)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
