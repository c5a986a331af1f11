import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { listInventoryTool } from '../../../src/tools/list-inventory.js';
import { anInventoryItem, failing, idsOf, many, world } from './support/inventory.js';
import { aCall, aPrincipal, call, toolDeps } from './support/ports.js';

describe('list_inventory', () => {
  it('answers with short rows, and more on request', async () => {
    const { list } = world([anInventoryItem()]);
    const short = {
      id: '57838910',
      code: 'GUM',
      name: 'Bubble gum',
      stock: '20',
      price: '2',
      location: 'Main Warehouse',
    };
    expect(await list({})).toEqual({
      store: 'main',
      rows: [short],
      returned: 1,
      limit: 20,
      total: 1,
      items_read: 1,
      complete: true,
      next_cursor: null,
      trimmed_by: null,
    });
    const { rows } = await list({ fields: ['cost', 'variations', 'update_source', 'added', 'updated'] });
    expect(rows).toEqual([
      {
        ...short,
        cost: '1.4',
        variations: { Taste: 'Mint' },
        update_source: 'Wilhelmina',
        added: '2026-01-08T12:10:00Z',
        updated: null,
      },
    ]);
  });

  it('asks for codes at once, and reads everything else in the background', async () => {
    const { list, asked } = world(many(120));
    const data = await list({ codes: ['SKU-7', 'SKU-9', 'sku-8', 'NONE'] });
    expect(idsOf(data)).toEqual(['7', '9']);
    // This Order Desk takes the case of letters for a difference, and the answer says that it may.
    expect(data).toMatchObject({ not_found: ['sku-8', 'NONE'], total: 2, complete: true });
    expect(data.remarks).toEqual([expect.stringContaining('capitals')]);
    const codes = ['SKU-7', 'SKU-9', 'sku-8', 'NONE'];
    expect(asked).toEqual([
      { codes, limit: 500, offset: 0, priority: 'interactive' },
      { codes, limit: 500, offset: 1, priority: 'interactive' },
    ]);
    await list({ stock_below: 1 });
    expect(asked.slice(2).map(({ priority, codes }) => ({ priority, codes }))).toEqual([
      { priority: 'background', codes: undefined },
      { priority: 'background', codes: undefined },
    ]);
  });

  it('keeps each request for codes short enough for an address', async () => {
    const codes = Array.from({ length: 100 }, (_, index) => `${'ü'.repeat(40)}-${index}`);
    const { list, asked } = world(many(100, (index) => ({ code: codes[index] ?? null })));
    const data = await list({ codes, limit: 100 });
    expect(data).toMatchObject({ total: 100, complete: true });
    expect(asked.length).toBeGreaterThan(10);
    for (const query of asked) {
      expect(new URLSearchParams({ code: query.codes?.join(',') ?? '' }).toString().length).toBeLessThan(
        2_100,
      );
    }
  });

  it('finds a code with a comma by reading everything, and says so', async () => {
    const { list, asked } = world([...many(3), anInventoryItem({ id: '9', code: 'A,B' })]);
    const data = await list({ codes: ['A,B', 'SKU-2'] });
    expect(idsOf(data)).toEqual(['2', '9']);
    expect(data.remarks).toEqual([expect.stringContaining('comma')]);
    expect(asked).toMatchObject([{ priority: 'background' }, { priority: 'background' }]);
  });

  it('applies the other filters here, all of them, and says on how many items', async () => {
    const { list } = world([
      anInventoryItem({ id: '1', name: 'Black SHIRT', stock: '4.5', location: ' aisle 3' }),
      anInventoryItem({ id: '2', name: 'Mug', code: 'shirt-mug', stock: '5', location: 'Aisle 3' }),
      anInventoryItem({ id: '3', name: 'Shirt', stock: '-1', location: 'Aisle 33' }),
      anInventoryItem({ id: '4', name: 'Shirt', stock: '0', location: null }),
    ]);
    expect(idsOf(await list({ text: 'Shirt' }))).toEqual(['1', '2', '3', '4']);
    expect(idsOf(await list({ stock_below: 5 }))).toEqual(['1', '3', '4']);
    expect(idsOf(await list({ location: 'AISLE 3' }))).toEqual(['1', '2']);
    const data = await list({ text: 'shirt', stock_below: 5, location: 'Aisle 3' });
    expect(idsOf(data)).toEqual(['1']);
    expect(data.remarks).toEqual([expect.stringContaining('on 4 items read')]);
  });

  it('shows a stock that is not known as such, and finds it below nothing', async () => {
    const { list } = world([
      anInventoryItem({ id: '1', stock: null }),
      anInventoryItem({ id: '2', stock: '0' }),
    ]);
    const { rows } = await list({});
    expect(rows.map(({ stock }: { stock: string | null }) => stock)).toEqual([null, '0']);
    expect(idsOf(await list({ stock_below: 5 }))).toEqual(['2']);
  });

  it('hides who wrote an item last from a key that may not see people', async () => {
    const { gateway } = world([anInventoryItem()]);
    const masker = { of: async () => (kind: string) => `${kind}-x` };
    const tool = listInventoryTool(toolDeps(gateway, { masker }), 'named');
    const { data, text } = await call(tool, { fields: ['update_source'] });
    expect(data.rows[0].update_source).toBe('[masked]');
    expect(text).not.toContain('Wilhelmina');
  });

  it('fits the size of an answer whatever the items hold, and goes on where it was cut', async () => {
    const wild = '\u0007"\\'.repeat(400);
    const items = many(60, (index) => ({
      name: wild,
      code: `${index} ${wild}`,
      location: wild,
      variations: { [wild]: wild },
    }));
    const { list } = world(items);
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const data = await list({
        limit: 100,
        fields: ['variations'],
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(data.total).toBe(60);
      expect(data.trimmed_by).toBe(data.next_cursor === null ? null : 'size');
      ids.push(...idsOf(data));
      cursor = data.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual(items.map(({ id }) => id));
    const missing = await list({
      codes: Array.from({ length: 100 }, (_, at) => `${'\u0007'.repeat(190)}${at}`),
    });
    expect(missing.not_found.at(-1)).toMatch(/^… and \d+ more$/);
    const { gateway } = world(items);
    const failed = failing(gateway, { 30: new AppError('rate_budget_exhausted', wild) });
    const { data, text } = await call(listInventoryTool(toolDeps(failed), 'named'), {
      codes: items
        .flatMap(({ code }) => [`${code?.slice(0, 150)}`, `${'ü'.repeat(190)}${code?.slice(0, 4)}`])
        .slice(0, 100),
      text: wild.slice(0, 150),
      limit: 100,
      fields: ['variations'],
    });
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect([data.not_found.at(-1), data.not_looked_up.at(-1)]).toEqual([
      expect.stringMatching(/^… and \d+ more$/),
      expect.stringMatching(/^… and \d+ more$/),
    ]);
  });

  it('takes a cursor for the same key and arguments only', async () => {
    const { gateway } = world(many(30));
    const tool = listInventoryTool(toolDeps(gateway), 'named');
    const { data } = await call(tool, { limit: 5 });
    const cursor = data.next_cursor;
    expect(idsOf((await call(tool, { limit: 7, cursor })).data)).toEqual([
      '6',
      '7',
      '8',
      '9',
      '10',
      '11',
      '12',
    ]);
    const invalid = { code: 'invalid_cursor', field: 'cursor' };
    await expect(call(tool, { text: 'gum', cursor })).rejects.toMatchObject(invalid);
    await expect(call(tool, { cursor }, aCall(aPrincipal({ keyId: 'key-2' })))).rejects.toMatchObject(
      invalid,
    );
    const later = listInventoryTool(
      toolDeps(gateway, { clock: () => new Date('2026-02-01T01:00:00Z') }),
      'named',
    );
    await expect(call(later, { limit: 5, cursor })).rejects.toMatchObject(invalid);
  });

  it.each([
    [{ codes: [] }, 'codes'],
    [{ codes: ['A', ' '] }, 'codes.1'],
    [{ codes: Array.from({ length: 101 }, () => 'A') }, 'codes'],
    [{ stock_below: '5' }, 'stock_below'],
    [{ text: '' }, 'text'],
    [{ fields: ['raw'] }, 'fields.0'],
    [{ sku: 'A' }, 'sku'],
  ])('refuses %j by name', async (args, field) => {
    const { gateway, asked } = world([]);
    const tool = listInventoryTool(toolDeps(gateway), 'named');
    await expect(call(tool, args)).rejects.toMatchObject({ code: 'invalid_argument', field });
    expect(asked).toEqual([]);
  });

  it('costs at most 900 tokens to define', () => {
    const { handle: _handle, ...definition } = listInventoryTool(toolDeps(world([]).gateway), 'named');
    expect(JSON.stringify(definition).length / 4).toBeLessThanOrEqual(900);
  });
});
