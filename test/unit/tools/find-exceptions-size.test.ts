import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { ago, shop } from './support/exceptions.js';
import { aCall, call } from './support/ports.js';

describe('find_exceptions, with more than an answer or a call can hold', () => {
  it('shows the oldest findings, counts all of them, and says how to see the rest', async () => {
    const orders = Array.from({ length: 30 }, (_, index) => ({
      addedAt: ago(60 - index),
      updatedAt: ago(0),
    }));
    const { data } = await call(shop(orders).tool(), { limit: 7 });
    expect(data.findings.map(({ id }: { id: string }) => id)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(data).toMatchObject({
      returned: 7,
      limit: 7,
      trimmed_by: null,
      counts: { unshipped_too_long: 30 },
    });
    expect(data.remarks.join()).toContain(
      `23 more findings are not shown. Raise limit, ask for fewer checks, or call again with added_from ${ago(54)}`,
    );
  });

  it('leaves whole findings out when they do not fit, and goes on where it stopped', async () => {
    const orders = Array.from({ length: 100 }, (_, index) => ({
      addedAt: ago(80 - index / 2),
      updatedAt: ago(0),
      sourceId: `${'"\u0001'.repeat(300)}${index}`,
    }));
    const { tool } = shop(orders);
    const seen = new Set<string>();
    let from: string | undefined;
    for (let calls = 0; calls < 10 && seen.size < 100; calls += 1) {
      const args = {
        limit: 100,
        checks: ['unshipped_too_long'],
        ...(from === undefined ? {} : { added_from: from }),
      };
      const { data, text } = await call(tool(), args);
      expect(text.length).toBeLessThanOrEqual(20_000);
      expect(data.trimmed_by).toBe(data.returned === data.counts.unshipped_too_long ? null : 'size');
      for (const { id } of data.findings) seen.add(id);
      from = data.findings.at(-1).added;
    }
    expect(seen.size).toBe(100);
  });

  it('says what it read when it had to stop, and where to go on', async () => {
    const orders = Array.from({ length: 150 }, (_, index) => ({
      addedAt: ago(80 - index / 2),
      updatedAt: ago(0),
    }));
    const { tool, store } = shop(orders);
    const ctx = { ...aCall(), deadlineAt: performance.now() + 60_000 };
    // Order Desk answers its first page, and then the time is over.
    store.beforeAnswer = () => {
      if (store.queries.length > 2) throw new AppError('upstream_timeout');
    };
    const { data } = await call(tool(), { checks: ['unshipped_too_long'], limit: 1 }, ctx);
    expect(data.coverage).toMatchObject({ complete: false });
    expect(data.coverage.scanned).toBeLessThan(150);
    expect(data.counts.unshipped_too_long).toBe(data.coverage.scanned);
    expect(data.remarks[0]).toContain(`call again with added_from ${data.coverage.to}`);
  });
});
