import { describe, expect, it } from 'vitest';
import { settleByHand } from '../../../../src/changes/settle-by-hand.js';
import { sweep } from '../../../../src/changes/sweeper.js';
import { AppError } from '../../../../src/errors.js';
import { deadChange, engineDeps, Told } from './support.js';

const DAY_MS = 24 * 3_600_000;
const { signal } = new AbortController();
const UNREAD = { images: null, resumable: false, refunded: null };

/** A change whose images cannot be read. */
function unread(id: string) {
  const { claim, change } = deadChange(id, 1);
  return { claim, change: { ...change, images: null } };
}

/** As a person left it who took it, and did not come to the end. */
function takenByHand(id: string) {
  const { claim, change } = deadChange(id, 2);
  if (change.images === null) throw new Error('it has images');
  return { claim, change: { ...change, images: { ...change.images, open: null }, refunded: 1 } };
}

describe('a sweep', () => {
  it('leaves what cannot be read for a day, then closes it as it is kept', async () => {
    const told = new Told();
    const deps = engineDeps(told, { dead: [unread('a')] });
    told.now = DAY_MS - 1;
    expect(await sweep(deps, signal)).toBe(0);
    expect(told.closed.size).toBe(0);
    told.now = DAY_MS;
    expect(await sweep(deps, signal)).toBe(1);
    expect(told.closed.get('a')).toEqual({ state: 'unknown', ...UNREAD });
  });

  it('gives up after a day, and gives no effect back or takes any', async () => {
    const told = new Told();
    told.now = DAY_MS;
    const look = () => Promise.reject(new AppError('upstream_unavailable'));
    expect(await sweep(engineDeps(told, { dead: [deadChange('a', 1)], look }), signal)).toBe(1);
    expect(told.closed.get('a')).toMatchObject({ state: 'unknown', refunded: null });
  });

  it('closes at once what was taken to be settled by hand and was not', async () => {
    const told = new Told();
    const left = takenByHand('a');
    expect(await sweep(engineDeps(told, { dead: [left] }), signal)).toBe(1);
    const { images } = left.change;
    expect(told.closed.get('a')).toEqual({ state: 'unknown', images, resumable: false, refunded: null });
  });
});

describe('a person who settles what cannot be read', () => {
  it('leaves it as it is kept', async () => {
    const told = new Told();
    const taken = unread('a');
    const deps = engineDeps(told, { ledger: { takeToSettle: async () => taken } });
    await settleByHand(deps, taken.claim.tenantId, 'a', 'applied');
    expect(told.closed.get('a')).toEqual({ state: 'applied', ...UNREAD });
  });
});
