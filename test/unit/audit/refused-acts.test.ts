import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RefusedAct } from '../../../src/tenancy/audit/port.js';
import { COUNTERS_HELD, RefusedActs } from '../../../src/tenancy/audit/refused-acts.js';
import { toKid } from '../../../src/tenancy/ids.js';
import { TENANT_A, TENANT_B, TestClock } from '../tenancy/support.js';

const from = (address: string, reason: 'malformed' | 'expired' = 'malformed'): RefusedAct => ({
  kind: 'key_refused',
  address,
  reason,
});
const KID = toKid('0123456789');

describe('refused acts', () => {
  it('are counted by what they are and by the minute', () => {
    const clock = new TestClock();
    const acts = new RefusedActs(clock.now);
    const minute = clock.time;
    for (let i = 0; i < 1_000; i += 1) acts.record(from('192.0.2.1'));
    acts.record(from('192.0.2.1', 'expired'));
    acts.record(from('192.0.2.2'));
    clock.advance(60_000);
    acts.record(from('192.0.2.1'));
    expect(acts.take('ended')).toEqual([
      { act: from('192.0.2.1'), minute, count: 1_000 },
      { act: from('192.0.2.1', 'expired'), minute, count: 1 },
      { act: from('192.0.2.2'), minute, count: 1 },
    ]);
    expect(acts.take('ended')).toEqual([]);
    expect(acts.take('all')).toEqual([{ act: from('192.0.2.1'), minute: minute + 60_000, count: 1 }]);
  });

  it('outside a scope are counted apart for each tenant, key and tool', () => {
    const clock = new TestClock();
    const acts = new RefusedActs(clock.now);
    const act: RefusedAct = { kind: 'scope_violated', tenantId: TENANT_A, kid: KID, what: 'tool', name: 'x' };
    const others: RefusedAct[] = [
      { ...act, tenantId: TENANT_B },
      { ...act, kid: toKid('9876543210') },
      { ...act, name: 'y' },
      { ...act, what: 'toolset' },
    ];
    for (const each of [act, ...others, act]) acts.record(each);
    expect(acts.take('all').map(({ count }) => count)).toEqual([2, 1, 1, 1, 1]);
  });

  it('from more addresses than it holds are counted together, and none is lost', () => {
    const clock = new TestClock();
    const acts = new RefusedActs(clock.now);
    for (let i = 0; i < COUNTERS_HELD + 5_000; i += 1) acts.record(from(`10.0.${i >> 8}.${i & 255}`));
    const taken = acts.take('all');
    expect(taken).toHaveLength(COUNTERS_HELD + 1);
    expect(taken.at(-1)).toMatchObject({ act: { address: 'other', reason: 'malformed' }, count: 5_000 });
  });

  it('that could not be written are counted on', () => {
    const clock = new TestClock();
    const acts = new RefusedActs(clock.now);
    acts.record(from('192.0.2.1'));
    const taken = acts.take('all');
    acts.record(from('192.0.2.1'));
    acts.putBack(taken);
    expect(acts.take('all')).toEqual([{ act: from('192.0.2.1'), minute: clock.time, count: 2 }]);
  });

  it('take a bounded place however long the database is away', () => {
    const clock = new TestClock();
    const acts = new RefusedActs(clock.now);
    for (let minute = 0; minute < 300; minute += 1) {
      for (let host = 0; host < 50; host += 1) acts.record(from(`192.0.2.${host}`));
      acts.putBack(acts.take('ended'));
      clock.advance(60_000);
    }
    expect(acts.take('all').length).toBeLessThanOrEqual(2 * COUNTERS_HELD);
  });

  it('sum up to what was recorded, in any order of recording, writing and failing', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('record' as const), address: fc.nat({ max: 5 }) }),
      fc.record({ do: fc.constantFrom('write' as const, 'fail' as const), ms: fc.nat({ max: 90_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new TestClock();
        const acts = new RefusedActs(clock.now);
        let recorded = 0;
        let written = 0;
        const sum = (taken: readonly { count: number }[]) => taken.reduce((n, { count }) => n + count, 0);
        for (const each of steps) {
          if (each.do === 'record') {
            acts.record(from(String(each.address)));
            recorded += 1;
            continue;
          }
          clock.advance(each.ms);
          const taken = acts.take('ended');
          if (each.do === 'write') written += sum(taken);
          else acts.putBack(taken);
        }
        expect(written + sum(acts.take('all'))).toBe(recorded);
      }),
    );
  });
});
