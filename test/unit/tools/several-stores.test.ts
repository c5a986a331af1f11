import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { listOrdersTool } from '../../../src/tools/list-orders.js';
import { type Answer, aCall, aPrincipal, call } from './support/ports.js';
import { orderAt } from './support/scan.js';
import { aShop, depsOfShops, type Shop } from './support/several-stores.js';

const RANGE = { added_from: '2026-01-01T00:00:00Z', added_to: '2026-01-02T00:00:00Z' };

const toolOf = (shops: readonly Shop[]) => listOrdersTool(depsOfShops(shops), 'named');

function filled(name: string, count: number, view = {}): Shop {
  const shop = aShop(name, view);
  shop.store.put(...Array.from({ length: count }, (_, index) => orderAt(index + 1, index)));
  return shop;
}

const partsOf = ({ data }: Answer) => data.by_store;

afterEach(() => void vi.useRealTimers());

describe('a store that fails', () => {
  const refused = new AppError('upstream_credentials_refused');
  const waits = new AppError('upstream_rate_limited', undefined, { retryAfterS: 7, hint: 'Wait.' });

  it('stands beside the answers of the others, with its own reason', async () => {
    const shops = ['east', 'west', 'north', 'south'].map((name) =>
      filled(name, 2, name === 'south' ? { folders: [{ id: '5', name: 'Only this' }] } : {}),
    );
    const [, west, north] = shops;
    if (west === undefined || north === undefined) throw new Error('four shops');
    west.trouble = refused;
    north.trouble = waits;
    const answer = await call(toolOf(shops), { stores: ['east', 'west', 'north', 'south'], folder: 'New' });
    expect(partsOf(answer)).toEqual([
      expect.objectContaining({ store: 'east', returned: 2 }),
      { store: 'west', error: { code: refused.code, message: refused.message } },
      {
        store: 'north',
        error: { code: waits.code, message: waits.message, hint: 'Wait.', retry_after_s: 7 },
      },
      {
        store: 'south',
        error: {
          code: 'unknown_folder',
          message: 'No such folder in this store.',
          field: 'folder',
          hint: expect.stringContaining('folders'),
          quoted: { folders: [{ id: '5', name: 'Only this' }] },
        },
      },
    ]);
  });

  it('ends the call where all of them do, in one word where they agree', async () => {
    const shops = [filled('east', 1), filled('west', 1)];
    for (const shop of shops) shop.trouble = waits;
    const tool = toolOf(shops);
    await expect(call(tool, { stores: ['east', 'west'] })).rejects.toMatchObject({
      code: 'upstream_rate_limited',
      message: waits.message,
      retryAfterS: 7,
    });
    const [east] = shops;
    if (east !== undefined) east.trouble = refused;
    await expect(call(tool, { stores: ['east', 'west'] })).rejects.toMatchObject({
      code: 'upstream_credentials_refused',
      message: `None of the stores could answer. "east": ${refused.message} "west": ${waits.message}`,
      retryAfterS: 7,
    });
    await expect(call(tool, { stores: ['east', 'west'], folder: 'Nowhere' })).rejects.toMatchObject({
      code: 'unknown_folder',
      field: 'folder',
      quotation: {
        data: { by_store: [{ store: 'east', folders: [{ name: 'New' }, {}] }, { store: 'west' }] },
      },
    });
  });

  it('ends the call where it is this server that failed', async () => {
    const shops = [filled('east', 1), filled('west', 1)];
    const broken = new TypeError('a defect');
    if (shops[1] !== undefined) shops[1].trouble = () => Promise.reject(broken);
    await expect(call(toolOf(shops), { stores: ['east', 'west'] })).rejects.toBe(broken);
  });

  it('by silence has failed a second before the deadline, and its request ends', async () => {
    vi.useFakeTimers();
    const shops = [filled('east', 1), filled('west', 1)];
    let ended = false;
    if (shops[1] !== undefined) {
      shops[1].trouble = (signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            ended = true;
            reject(new AppError('cancelled'));
          }),
        );
    }
    const ctx = { ...aCall(), deadlineAt: performance.now() + 25_000 };
    const answer = call(toolOf(shops), { stores: ['east', 'west'] }, ctx);
    await vi.advanceTimersByTimeAsync(23_999);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(partsOf(await answer)).toMatchObject([
      { store: 'east', returned: 1 },
      { store: 'west', error: { code: 'upstream_timeout', hint: 'Ask for this store alone.' } },
    ]);
    expect(ended).toBe(true);
  });

  it('lets ten stores listen to the end of the call without a warning', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const shops = Array.from('abcdefghij', (letter) => filled(`shop-${letter}`, 1));
    for (const shop of shops) {
      shop.trouble = async (signal) => {
        signal.addEventListener('abort', () => {});
        signal.addEventListener('abort', () => {});
        throw new AppError('upstream_timeout');
      };
    }
    await call(toolOf(shops), { stores: shops.map(({ entry }) => entry.name) }).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });

  it('does not keep a caller who is gone', async () => {
    const shops = [filled('east', 1), filled('west', 1)];
    const caller = new AbortController();
    for (const shop of shops) shop.trouble = () => new Promise(() => {});
    const answer = call(toolOf(shops), { stores: ['east', 'west'] }, { ...aCall(), signal: caller.signal });
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('what stands beside the answers', () => {
  const said = new AppError('upstream_rejected', 'Order Desk says: "no such Ada"', {
    quotation: {
      message: 'Order Desk refused the request.',
      data: { order_desk_says: 'no such Ada' },
      mayNameCustomers: true,
    },
  });

  it.each([
    [false, { quoted: { order_desk_says: 'no such Ada' } }],
    [true, {}],
  ])(
    'quotes others as data, and nothing that may name a customer to a masked key: %s',
    async (mask, quoted) => {
      const shops = [filled('east', 1), filled('west', 1)];
      if (shops[1] !== undefined) shops[1].trouble = said;
      const principal = aPrincipal();
      const ctx = aCall({ ...principal, scope: { ...principal.scope, mask } });
      const answer = await call(toolOf(shops), { stores: ['east', 'west'] }, ctx);
      expect(partsOf(answer)[1]).toEqual({
        store: 'west',
        error: { code: 'upstream_rejected', message: 'Order Desk refused the request.', ...quoted },
      });
    },
  );

  it('has room for the folders of ten stores: whole ones, and how many are missing', async () => {
    const folders = Array.from({ length: 70 }, (_, index) => ({
      id: `${index}`,
      name: `${index} ${'x'.repeat(90)}`,
    }));
    const names = [...'abcdefghij'];
    const shops = names.map((name) => filled(name, 1, name === 'a' ? {} : { folders }));
    const answer = await call(toolOf(shops), { stores: names, folder: 'New' });
    expect(answer.text.length).toBeLessThanOrEqual(20_000);
    const { quoted } = partsOf(answer)[9].error;
    expect(quoted.folders.length).toBeGreaterThan(3);
    expect(quoted.folders.length + quoted.omitted).toBe(70);
  });
});

describe('what list_orders refuses of several stores', () => {
  it.each([
    [
      { stores: ['east'], store: 'east' },
      'invalid_argument',
      'stores',
      'stores: cannot be given with store.',
    ],
    [
      { stores: ['east'], cursor: 'x' },
      'invalid_argument',
      'cursor',
      'cursor: cannot be given with stores: it is of one of them.',
    ],
    [{ stores: [] }, 'invalid_argument', 'stores', 'stores: must not be empty.'],
    [{ stores: 'east' }, 'invalid_argument', 'stores', 'stores: must be a list.'],
    [
      { stores: Array(11).fill('east') },
      'invalid_argument',
      'stores',
      'stores: must have at most 10 entries.',
    ],
    [{ stores: ['east', 'Atlantis'] }, 'unknown_store', 'stores.1', 'No such store for this key.'],
    [
      { stores: ['east', 'west'], sku: 'A' },
      'invalid_argument',
      'added_from',
      'added_from: is required here.',
    ],
    [
      { stores: ['east', 'west'], ...RANGE, sku: 'A', sort_by: 'order_total' },
      'invalid_argument',
      'sort_by',
      'sort_by: must be date_added with scan filters.',
    ],
  ])('%j', async (args, code, field, message) => {
    const shops = [filled('east', 1), filled('west', 1)];
    await expect(call(toolOf(shops), args)).rejects.toMatchObject({
      code,
      field,
      message,
      hint: expect.stringMatching(/./),
    });
    expect(shops.map(({ store }) => store.queries)).toEqual([[], []]);
  });

  it('names the stores there are', async () => {
    const tool = toolOf([filled('east', 1), filled('west', 1)]);
    await expect(call(tool, { stores: ['Atlantis'] })).rejects.toMatchObject({
      hint: 'Stores of this key: "east", "west".',
    });
  });
});
