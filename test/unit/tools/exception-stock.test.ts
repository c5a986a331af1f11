import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { InventoryItem, InventoryQuery } from '../../../src/orderdesk/port.js';
import { inventoryOf, readStock } from '../../../src/tools/exception-stock.js';
import { anInventoryItem } from './support/exceptions.js';
import { aCall, aStoreEntry } from './support/ports.js';

let items = 0;
const item = (code: string | null, stock: string | null): InventoryItem => {
  const { view, raw } = anInventoryItem(code, stock);
  items += 1;
  return { view: { ...view, id: String(items) }, raw };
};

type Answers = (query: InventoryQuery, read: number) => readonly InventoryItem[] | AppError | TypeError;

/** An Order Desk that gives these answers, the same for any offset. */
function subject(answers: Answers, ctx = aCall()) {
  const asked: { query: InventoryQuery; priority: unknown; deadlineAt: unknown }[] = [];
  const inventory = inventoryOf(
    {
      async listInventory(_store, query, { priority, deadlineAt }) {
        asked.push({ query, priority, deadlineAt });
        const answer = answers(query, asked.length);
        if (answer instanceof Error) throw answer;
        return { items: answer, unreadable: 0 };
      },
    },
    aStoreEntry(),
    ctx,
  );
  return { asked, read: (codes: readonly string[]) => readStock(inventory, codes) };
}

describe('the stock of codes', () => {
  it('is that of the best supplied item with this code in any spelling, and null where there is none', async () => {
    const answer = [item('a ', '-1'), item('A', '2.5'), item('ａ', '1'), item('AB', '7')];
    const { read, asked } = subject(() => answer);
    const { stock, gap } = await read(['A', 'AC']);
    expect([...stock]).toEqual([
      ['ac', null],
      ['a', 2.5],
    ]);
    expect(gap).toBeUndefined();
    expect(asked).toMatchObject([{ query: { codes: ['A', 'AC'] }, priority: 'background' }]);
  });

  it('is not known where the inventory does not tell it for one of the items', async () => {
    const { stock, gap } = await subject(() => [item('A', '0'), item('A', null), item('B', '3')]).read([
      'A',
      'B',
    ]);
    expect([...stock]).toEqual([['b', 3]]);
    expect(gap).toBe(
      'Looked up: 2 of 2 item codes, those of the oldest orders first. The inventory does not tell the stock of 1 of them. Not known: "A".',
    );
  });

  it.each([50, 100, 500])('is not known for a code that an answer cut at %s items may lack', async (cap) => {
    const all = Array.from({ length: cap }, (_, index) => item(index === 7 ? 'A' : `A${index}`, '0'));
    const { stock, gap } = await subject(() => all).read(['A', 'AX']);
    expect([...stock]).toEqual([['a', 0]]);
    expect(gap).toContain(`the same ${cap} items again`);
    expect(gap).toContain('Looked up: 1 of 2 item codes');
    expect(gap).toContain('Not known: "AX".');
  });

  it('is read on from page to page where pages are smaller than was asked for', async () => {
    const all = Array.from({ length: 230 }, (_, index) => item(`A${index}`, '4'));
    const { read, asked } = subject(({ offset = 0 }) => all.slice(offset, offset + 100));
    const { stock, gap } = await read(['A229']);
    expect([[...stock], gap]).toEqual([[['a229', 4]], undefined]);
    // The first page holds what was not asked for: so codes are no filter, and the whole list is read once.
    expect(asked.map(({ query }) => [query.codes?.length, query.offset])).toEqual([
      [1, 0],
      [undefined, 0],
      [undefined, 100],
      [undefined, 200],
    ]);
  });

  it('needs no read where there are no codes, or none that can be asked for', async () => {
    const { read, asked } = subject(() => new TypeError('asked'));
    expect(await read([])).toEqual({ stock: new Map(), gap: undefined });
    const { stock, gap } = await read(['A,B', 'A,B', 'x'.repeat(3_000)]);
    expect([stock.size, asked]).toEqual([0, []]);
    expect(gap).toMatch(
      /^Not every item code can be looked up\. Looked up: 0 of 2 item codes\. Not known: "A,B"/,
    );
  });

  it('keeps what was read before a read failed', async () => {
    const codes = Array.from({ length: 150 }, (_, index) => `C${index}`);
    const { read } = subject((_query, at) => (at === 3 ? new AppError('rate_budget_exhausted') : []));
    const { stock, gap } = await read(codes);
    expect([...stock.values()]).toEqual(Array.from({ length: 98 }, () => null));
    expect(gap).toMatch(
      /^The API budget.*Looked up: 98 of 150 item codes, those of the oldest orders first\. Not known: "C98", .* and 47 more\.$/,
    );
  });

  it('costs a bounded number of requests, however many codes are of no item', async () => {
    const { read, asked } = subject(() => []);
    const { stock, gap } = await read(Array.from({ length: 3_000 }, (_, index) => `C${index}`));
    expect(asked).toHaveLength(20);
    expect(stock.size).toBe(980);
    expect(gap).toContain('Looked up: 980 of 3000 item codes');
  });

  it('is given up in time for an answer, and when the server shuts down', async () => {
    const slow = inventoryOf({ listInventory: () => new Promise(() => {}) }, aStoreEntry(), {
      ...aCall(),
      deadlineAt: performance.now() + 1_010,
    });
    expect((await readStock(slow, ['A'])).gap).toMatch(
      /^The inventory could not be read\. .* in time\. Looked up: 0 of 1/,
    );
    const { read, asked } = subject(() => [], { ...aCall(), draining: AbortSignal.abort() });
    expect((await read(['A'])).gap).toContain('shutting down');
    expect(asked).toEqual([]);
  });

  it('ends with the call, whatever the read then failed with', async () => {
    const { read } = subject(() => new AppError('upstream_timeout'), {
      ...aCall(),
      signal: AbortSignal.abort(),
    });
    await expect(read(['A'])).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('hides no failure of ours', async () => {
    await expect(subject(() => new TypeError('broken')).read(['A'])).rejects.toThrow('broken');
  });
});
