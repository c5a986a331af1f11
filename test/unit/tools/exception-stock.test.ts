import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { readStock } from '../../../src/tools/exception-stock.js';
import { anInventoryItem as item } from './support/exceptions.js';

const live = new AbortController().signal;

describe('the stock of codes', () => {
  it('is that of the best supplied item with exactly this code, and null where there is none', async () => {
    const answer = [item('A', '-1'), item('A', '2.5'), item('AB', '7'), item(null, '9')];
    const { stock, gap } = await readStock(async () => answer, ['A', 'B'], live);
    expect([...stock]).toEqual([
      ['A', 2.5],
      ['B', null],
    ]);
    expect(gap).toBeUndefined();
  });

  it('is not known for a code that a full answer may have had no room for', async () => {
    const full = Array.from({ length: 500 }, (_, index) => item(index === 7 ? 'A' : `A${index}`, '0'));
    const { stock, gap } = await readStock(async () => full, ['A', 'B'], live);
    expect([...stock]).toEqual([['A', 0]]);
    expect(gap).toContain('Looked up: 1 of 2 item codes');
  });

  it('needs no read where there are no codes', async () => {
    const { stock, gap } = await readStock(async () => Promise.reject(new Error('asked')), [], live);
    expect([stock.size, gap]).toEqual([0, undefined]);
  });

  it('keeps what was read before a read failed', async () => {
    let reads = 0;
    const codes = Array.from({ length: 150 }, (_, index) => `C${index}`);
    const read = async () => {
      reads += 1;
      if (reads === 2) throw new AppError('rate_budget_exhausted');
      return [];
    };
    const { stock, gap } = await readStock(read, codes, live);
    expect(stock.size).toBe(100);
    expect(gap).toMatch(/^The inventory could not be read.*Looked up: 100 of 150 item codes/);
  });

  it('ends with the call, whatever the read then failed with', async () => {
    const late = async () => Promise.reject(new AppError('upstream_timeout'));
    await expect(readStock(late, ['A'], AbortSignal.abort())).rejects.toMatchObject({
      code: 'upstream_timeout',
    });
  });

  it('hides no failure of ours', async () => {
    const broken = async () => Promise.reject(new TypeError('broken'));
    await expect(readStock(broken, ['A'], live)).rejects.toThrow('broken');
  });
});
