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

const visible = (code: string) => ({ code, shown: code });

type Answers = (query: InventoryQuery, read: number) => readonly InventoryItem[] | AppError | TypeError;

/** An Order Desk that gives these answers, the same for any offset. */
function subject(answers: Answers, ctx = aCall(), followsSales: boolean | null = false) {
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
  const read = (codes: readonly string[]) => readStock(inventory, codes.map(visible), followsSales);
  return { asked, read };
}

describe('the stock of codes', () => {
  it('is that of the best supplied item with this code in any spelling, and null where there is none', async () => {
    const answer = [item('a ', '-1'), item('A', '2.5'), item('ａ', '1'), item('AB', '7')];
    const { read, asked } = subject(() => answer);
    const { byCode, gap } = await read(['A', 'AC']);
    expect([...byCode]).toEqual([
      ['ac', null],
      ['a', 2.5],
    ]);
    expect(gap).toBeUndefined();
    for (const { query, priority } of asked)
      expect([query.codes, priority]).toEqual([['A', 'AC'], 'background']);
    expect(asked.length).toBeGreaterThan(0);
  });

  it('is not known where the inventory does not tell it for one of the items', async () => {
    const { byCode, gap } = await subject(() => [item('A', '0'), item('A', null), item('B', '3')]).read([
      'A',
      'B',
    ]);
    expect([...byCode]).toEqual([['b', 3]]);
    expect(gap).toBe(
      'Looked up: 2 of 2 item codes, those of the oldest orders first. The inventory does not tell the stock of 1 of them. Not known: "A".',
    );
  });

  it.each([50, 100, 500])('is not known for a code that an answer cut at %s items may lack', async (cap) => {
    const all = Array.from({ length: cap }, (_, index) => item(index === 7 ? 'A' : `A${index}`, '0'));
    const { byCode, gap } = await subject(() => all).read(['A', 'AX']);
    expect([...byCode]).toEqual([['a', 0]]);
    expect(gap).toContain(`the same ${cap} items again`);
    expect(gap).toContain('Looked up: 1 of 2 item codes');
    expect(gap).toContain('Not known: "AX".');
  });

  it('is read on from page to page where pages are smaller than was asked for', async () => {
    const all = Array.from({ length: 230 }, (_, index) => item(`A${index}`, '4'));
    const { read, asked } = subject(({ offset = 0 }) => all.slice(offset, offset + 100));
    const { byCode, gap } = await read(['A229']);
    expect([[...byCode], gap]).toEqual([[['a229', 4]], undefined]);
    // The first page holds what was not asked for: so codes are no filter, and the whole list is read once.
    const [first, ...others] = asked.map(({ query }) => query);
    expect(first?.codes).toEqual(['A229']);
    expect(others.map(({ codes }) => codes)).toEqual(others.map(() => undefined));
    expect(new Set(others.map(({ offset }) => offset)).size).toBe(others.length);
  });

  it('needs no read where there are no codes, or none that can be asked for', async () => {
    const { read, asked } = subject(() => new TypeError('asked'));
    expect(await read([])).toEqual({ byCode: new Map(), followsSales: false, gap: undefined });
    const { byCode, gap } = await read(['A,B', 'A,B', 'x'.repeat(3_000)]);
    expect([byCode.size, asked]).toEqual([0, []]);
    expect(gap).toMatch(
      /^Not every item code can be looked up\. Looked up: 0 of 2 item codes\. Not known: "A,B"/,
    );
  });

  it('keeps what was read before a read failed', async () => {
    const codes = Array.from({ length: 150 }, (_, index) => `C${index}`);
    const held = [item('C0', '2')];
    const answers: Answers = ({ codes = [] }) => {
      if (codes.includes('C100')) return new AppError('rate_budget_exhausted');
      return codes.includes('C0') ? held : [];
    };
    const { byCode, gap } = await subject(answers).read(codes);
    expect([...byCode.values()].toSorted()).toEqual([2, ...Array.from({ length: 97 }, () => null)]);
    expect(gap).toMatch(
      /^The API budget.*Looked up: 98 of 150 item codes, those of the oldest orders first\. Not known: "C98", .* and 47 more\.$/,
    );
  });

  it('costs a bounded number of requests, however many codes are of no item', async () => {
    const held = [item('C0', '2')];
    const { read, asked } = subject(({ codes = [] }) => (codes.includes('C0') ? held : []));
    const { byCode, gap } = await read(Array.from({ length: 3_000 }, (_, index) => `C${index}`));
    expect(asked).toHaveLength(20);
    expect(byCode.size).toBeGreaterThan(900);
    expect(gap).toContain(`Looked up: ${byCode.size} of 3000 item codes`);
  });

  it('is given up in time for an answer, and when the server shuts down', async () => {
    const slow = inventoryOf({ listInventory: () => new Promise(() => {}) }, aStoreEntry(), {
      ...aCall(),
      deadlineAt: performance.now() + 1_010,
    });
    expect((await readStock(slow, [visible('A')], false)).gap).toMatch(
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

  it('is not known where no item has any of the codes: such a store may keep no inventory', async () => {
    const codes = Array.from({ length: 30 }, (_, index) => `C${index}`);
    const { byCode, gap } = await subject(() => []).read(codes);
    expect(byCode.size).toBe(0);
    expect(gap).toBe(
      'Looked up: 30 of 30 item codes, those of the oldest orders first. ' +
        'The inventory has none of these codes; this store may not keep it. ' +
        'Not known: "C0", "C1", "C2", "C3", "C4" and 25 more.',
    );
    const held = [item('C0', null)];
    const untold = await subject(() => held).read(codes);
    expect(untold.byCode.size).toBe(29);
    expect(untold.gap).not.toContain('may not keep it');
  });

  it('comes with what is not known of its meaning, where there is anything to look up', async () => {
    const known = subject(() => [item('A', '1')], aCall(), null);
    expect(await known.read(['A'])).toMatchObject({
      followsSales: null,
      gap: expect.stringMatching(/do not say whether .* only stock below 0 is reported\.$/),
    });
    expect((await known.read([])).gap).toBeUndefined();
    const told = await subject(() => [item('A', '1')], aCall(), true).read(['A']);
    expect(told).toMatchObject({ followsSales: true, gap: undefined });
  });

  it('is looked up by the code of the order, and what is not known is named as the caller may see it', async () => {
    const asked: unknown[] = [];
    const list = async ({ codes }: InventoryQuery) => {
      asked.push(codes);
      return { items: [], unreadable: 0 };
    };
    const inventory = { ...inventoryOf({ listInventory: () => list({}) }, aStoreEntry(), aCall()), list };
    const codes = [
      { code: 'MUG-JANE', shown: '[masked]' },
      { code: 'MUG,jane@example.com', shown: 'MUG,mail-0' },
    ];
    const { gap } = await readStock(inventory, codes, false);
    expect(asked).toEqual([['MUG-JANE']]);
    expect(gap).toContain('Not known: "[masked]", "MUG,mail-0".');
    expect(gap).not.toMatch(/jane/i);
  });
});
