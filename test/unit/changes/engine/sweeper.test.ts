import { beforeEach, describe, expect, it } from 'vitest';
import type { LookedUp, OpenStep, Surroundings, Verdict } from '../../../../src/changes/change-type.js';
import { sweep } from '../../../../src/changes/sweeper.js';
import { AppError } from '../../../../src/errors.js';
import { deadChange, engineDeps, storeRow, Told } from './support.js';

/** The lease of 60 s that the ledger gives, and the grace of 60 s until another sweep may take the change. */
const ANOTHER_MAY_TAKE_IT_MS = 120_000;

let told: Told;
const signal = new AbortController().signal;

beforeEach(() => {
  told = new Told();
});

const all = (step: OpenStep, found: LookedUp): readonly Verdict[] =>
  step.lines.map(({ index }) => ({ index, found }));
const stateOf = (id: string) => told.closed.get(id)?.state;

describe('a sweep', () => {
  it.each([
    [1, 10_400],
    [50, 30_000],
    [100, 45_000],
    [500, 45_000],
  ])('gives a look at %i lines the time that their reads need: %i ms', async (lines, expected) => {
    const given: number[] = [];
    const look = async (step: OpenStep, { ctx }: Surroundings) => {
      given.push((ctx.deadlineAt ?? Number.NaN) - told.now);
      return all(step, 'not_applied');
    };
    expect(await sweep(engineDeps(told, { dead: [deadChange('a', lines)], look }), signal)).toBe(1);
    expect(given).toEqual([expected, expected]);
  });

  it('is over before another may take what it took, however long its looks take', async () => {
    const dead = Array.from({ length: 10 }, (_, place) => deadChange(`${place}`, 100));
    const look = async (step: OpenStep, { ctx }: Surroundings) => {
      told.now = Math.max(told.now, ctx.deadlineAt ?? Number.NaN);
      return all(step, 'not_applied');
    };
    expect(await sweep(engineDeps(told, { dead, look }), signal)).toBe(1);
    expect(told.now).toBeLessThanOrEqual(ANOTHER_MAY_TAKE_IT_MS - 15_000);
  });

  it('looks at changes of several stores side by side, and of one store one after the other', async () => {
    const dead = [deadChange('a', 1), deadChange('b', 1), deadChange('c', 1, 2)];
    let atWork: string[] = [];
    const seen: string[][] = [];
    const look = async (step: OpenStep, { changeId }: Surroundings) => {
      atWork.push(changeId);
      await new Promise(setImmediate);
      seen.push([...atWork]);
      atWork = atWork.filter((id) => id !== changeId);
      return all(step, 'applied');
    };
    expect(await sweep(engineDeps(told, { dead, look }), signal)).toBe(3);
    expect(seen[0]).toEqual(['a', 'c']);
    expect(seen.filter((together) => together.includes('a') && together.includes('b'))).toEqual([]);
  });

  it('looks at the small changes of a store first, so that a large one keeps none from its outcome', async () => {
    const order: string[] = [];
    const look = async (step: OpenStep, { changeId }: Surroundings) => {
      order.push(changeId);
      return all(step, 'applied');
    };
    await sweep(engineDeps(told, { dead: [deadChange('large', 100), deadChange('small', 1)], look }), signal);
    expect(order).toEqual(['small', 'large']);
  });

  it('goes on with the others when one cannot be looked at, closed or given up', async () => {
    const dead = [
      deadChange('unread', 1),
      deadChange('unrecorded', 1, 2),
      deadChange('unclaimed', 1, 3, 'claimed'),
      deadChange('lost', 1, 4),
      deadChange('good', 1, 1),
      deadChange('free', 1, 5, 'claimed'),
    ];
    const deps = engineDeps(told, {
      dead,
      look: async (step, { changeId }) => {
        if (changeId === 'unread') throw new AppError('upstream_unavailable');
        return all(step, 'applied');
      },
      ledger: {
        async close({ id }, closing) {
          if (id === 'unrecorded') throw new AppError('storage_unavailable');
          told.closed.set(id, closing);
          return true;
        },
        async abandon({ id }) {
          if (id === 'unclaimed') throw new AppError('storage_unavailable');
          told.abandoned.push(id);
        },
      },
    });
    const resolveStore: typeof deps.resolveStore = async (tenantId, rowId) => {
      if (rowId === storeRow(4)) throw new AppError('storage_unavailable');
      return deps.resolveStore(tenantId, rowId);
    };
    expect(await sweep({ ...deps, resolveStore }, signal)).toBe(2);
    expect(stateOf('good')).toBe('applied');
    expect(told.abandoned).toEqual(['free']);
    expect(told.failures).toHaveLength(4);
  });

  it('closes what two looks say, with what the kind says of it', async () => {
    const look = async ({ lines }: OpenStep) =>
      lines.map(({ index, line }) => ({
        index,
        found: 'unclear' as const,
        line: { ...line, message: 'Sold meanwhile.' },
      }));
    expect(await sweep(engineDeps(told, { dead: [deadChange('a', 1)], look }), signal)).toBe(1);
    expect(told.slept).toEqual([10_000]);
    expect(told.closed.get('a')).toMatchObject({
      state: 'unknown',
      images: { lines: [{ outcome: 'unknown', message: 'Sold meanwhile.' }] },
    });
  });
});
