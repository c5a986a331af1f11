import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { CHECKS } from '../../../src/orders/exceptions/check.js';
import { ago, idsAndChecks, shop } from './support/exceptions.js';
import { anAddress, anItem } from './support/orders.js';
import { aCall, aPrincipal, call, NOW } from './support/ports.js';

const days = (count: number, from = 80) =>
  Array.from({ length: count }, (_, index) => ({ addedAt: ago(from - index / 2), updatedAt: ago(0) }));

/** All pages, by the cursor of each. */
async function walk(tool: ReturnType<ReturnType<typeof shop>['tool']>, args: Record<string, unknown>) {
  const pages = [(await call(tool, args)).data];
  for (let calls = 0; calls < 500 && pages.at(-1).next_cursor !== null; calls += 1) {
    pages.push((await call(tool, { ...args, cursor: pages.at(-1).next_cursor })).data);
  }
  return pages;
}

describe('find_exceptions, with more than an answer can hold', () => {
  it('shows the oldest findings, counts all of them, and says how to see the rest', async () => {
    const { data } = await call(shop(days(30)).tool(), { limit: 7 });
    expect(data.findings.map(({ id }: { id: string }) => id)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(data).toMatchObject({
      returned: 7,
      limit: 7,
      orders: 30,
      trimmed_by: null,
      next_cursor: expect.any(String),
      counts: { unshipped_too_long: 30 },
    });
    expect(data.remarks.at(-1)).toBe(
      '23 more orders with findings come after these: go on with next_cursor and the same arguments, or ask for fewer checks.',
    );
  });

  it('gives every finding once, in order, though one second has many and copies lie far from their first', async () => {
    const orders = Array.from({ length: 90 }, (_, index) => ({
      id: String(index + 1),
      addedAt: index < 40 ? ago(50) : ago(40 - (index % 30)),
      updatedAt: ago(10),
      sourceId: `n${index % 45}`,
      paymentStatus: index % 3 === 0 ? 'Voided' : 'Captured',
    }));
    const { tool } = shop(orders);
    for (const limit of [9, 100]) {
      const pages = await walk(tool(), { limit });
      const seen = pages.flatMap(idsAndChecks);
      const counted = Object.values<number>(pages[0].counts).reduce((sum, count) => sum + count, 0);
      expect(counted).toBe(60 + 30 + 45 + 90);
      expect(seen).toHaveLength(counted);
      expect(new Set(seen).size).toBe(counted);
      const ids = pages.flatMap((page) => page.findings.map(({ id }: { id: string }) => id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(pages.reduce((sum, page) => sum + page.returned, 0)).toBe(90);
      for (const { counts, orders: all } of pages) {
        expect([counts, all]).toEqual([pages[0].counts, 90]);
      }
      const dates = pages.flatMap((page) => page.findings.map(({ added }: { added: string }) => added));
      expect(dates).toEqual(dates.toSorted());
    }
  });

  it('leaves whole findings out when they do not fit, and goes on where it stopped', async () => {
    const orders = days(100).map((order, index) => ({
      ...order,
      sourceId: `${'"\u0001'.repeat(300)}${index}`,
    }));
    const pages = await walk(shop(orders).tool(), { limit: 100, checks: ['unshipped_too_long'] });
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.map((page) => page.trimmed_by)).toEqual([...pages.slice(1).map(() => 'size'), null]);
    expect(new Set(pages.flatMap(idsAndChecks)).size).toBe(100);
  });

  it('shows an order with all of its reasons, however much room they take', async () => {
    const odd = '<"\u0001'.repeat(100);
    const worst = {
      addedAt: ago(50),
      updatedAt: ago(50),
      sourceId: odd,
      sourceName: odd,
      folderId: odd,
      paymentStatus: 'Authorized',
      shipping: anAddress({ city: null, postalCode: null, lines: [] }),
      items: Array.from({ length: 30 }, (_, index) =>
        anItem({ id: `${index}`, code: `${index}${'<'.repeat(80)}` }),
      ),
    };
    const held = Object.fromEntries(worst.items.map(({ code }) => [code ?? '', '-5']));
    const { data, text } = await call(shop([worst, worst, worst], held).tool(), {});
    expect(data.findings.map(({ reasons }: { reasons: object[] }) => reasons.length)).toEqual(
      [5, 6, 6].slice(0, data.returned),
    );
    const second = await call(shop([worst, worst], held).tool(), { limit: 2 });
    expect(idsAndChecks(second.data).filter((found) => found.startsWith('2 '))).toEqual(
      CHECKS.map((check) => `2 ${check}`),
    );
    for (const each of [text, second.text]) expect(each.length).toBeLessThanOrEqual(20_000);
  });

  it('keeps the clock of the first page, so that nothing comes or goes while pages are read', async () => {
    const nearly = {
      ...days(1)[0],
      addedAt: new Date(NOW.getTime() - 3 * 86_400_000 + 60_000).toISOString(),
    };
    const { tool } = shop([...days(3), nearly]);
    const args = { checks: ['unshipped_too_long'], limit: 2 };
    const { data } = await call(tool(), args);
    const later = tool({ clock: () => new Date(NOW.getTime() + 600_000) });
    const second = await call(later, { ...args, cursor: data.next_cursor });
    expect([...idsAndChecks(data), ...idsAndChecks(second.data)]).toHaveLength(3);
    expect(second.data.coverage).toEqual(data.coverage);
    expect(second.data.counts).toEqual(data.counts);
    expect(second.data.next_cursor).toBeNull();
    expect((await call(later, args)).data.counts).toEqual({ unshipped_too_long: 4 });
  });

  it('takes a cursor for an hour, from its own key, with its own arguments; only limit may change', async () => {
    const { tool } = shop(days(5));
    const args = { checks: ['unshipped_too_long'], limit: 2 };
    const { next_cursor: cursor } = (await call(tool(), args)).data;
    await expect(call(tool(), { ...args, cursor, limit: 3 })).resolves.toMatchObject({
      data: { returned: 3, next_cursor: null },
    });
    const refused = { code: 'invalid_cursor', field: 'cursor' };
    for (const change of [
      { older_than_days: 4 },
      { checks: ['odd_address'] },
      { added_from: '2026-01-01' },
    ]) {
      await expect(call(tool(), { ...args, cursor, ...change })).rejects.toMatchObject(refused);
    }
    const other = aCall(aPrincipal({ keyId: 'key-2' }));
    await expect(call(tool(), { ...args, cursor }, other)).rejects.toMatchObject(refused);
    await expect(call(tool(), { ...args, cursor: 'AAAA' })).rejects.toMatchObject(refused);
    const late = tool({ clock: () => new Date(NOW.getTime() + 3_600_000) });
    await expect(call(late, { ...args, cursor })).rejects.toMatchObject(refused);
  });

  it('has at most 20,000 characters whatever orders hold, and each page brings something', async () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom('"\\\u0001', '\u202e', '\ud800', '<', '\n').map((text) => text.repeat(300)),
    );
    const order = fc.record({
      sourceId: nasty,
      sourceName: nasty,
      paymentStatus: fc.oneof(nasty, fc.constantFrom('Pending', 'Captured', 'Voided')),
      folderId: fc.oneof(nasty, fc.constant('1')),
      age: fc.integer({ min: 0, max: 80 }),
      code: nasty,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(order, { maxLength: 15 }),
        fc.record({
          checks: fc.subarray([...CHECKS], { minLength: 1 }),
          older_than_days: fc.integer({ min: 0, max: 90 }),
          limit: fc.integer({ min: 1, max: 100 }),
        }),
        async (made, args) => {
          const { tool } = shop(
            made.map(({ age, code, ...rest }) => ({
              ...rest,
              addedAt: ago(age),
              updatedAt: ago(age),
              items: [anItem({ code })],
            })),
          );
          const { data, text } = await call(tool(), args);
          expect(text.length).toBeLessThanOrEqual(20_000);
          expect(data.next_cursor === null || data.returned > 0).toBe(true);
          expect(data.trimmed_by === null || data.next_cursor !== null).toBe(true);
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('find_exceptions, with more than a call can read', () => {
  it('says what it read, that the rest is not in it, and where to go on', async () => {
    const { tool, store } = shop(days(150));
    const ctx = { ...aCall(), deadlineAt: performance.now() + 60_000 };
    // Order Desk answers its first page, and then the time is over.
    store.beforeAnswer = () => {
      if (store.queries.length > 2) throw new AppError('upstream_timeout');
    };
    const { data } = await call(tool(), { checks: ['unshipped_too_long'], limit: 1 }, ctx);
    expect(data.coverage).toMatchObject({ complete: false });
    expect(data.coverage.scanned).toBeLessThan(150);
    expect(data.counts.unshipped_too_long).toBe(data.coverage.scanned);
    expect(data.remarks.join()).toContain('findings and counts are of these alone');
    expect(data.remarks.join()).toContain(`call again for the rest, with added_from ${data.coverage.to} and`);
    expect(data.remarks.join()).toMatch(/^Reading stopped .*Not the whole range/);
  });
});
