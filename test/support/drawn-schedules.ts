/** Random schedules of faults, and programs of reads and creates that meet them. */
import fc from 'fast-check';
import type { Fault } from '../../src/sandbox/index.js';
import type { StoreEntry } from '../../src/tenancy/stores.js';
import { ACCOUNTS, SHARED_STORE } from './fault-room.js';

interface Rule {
  readonly fault: Fault;
  readonly method: 'GET' | 'POST' | undefined;
  readonly store: string | undefined;
  readonly times: number;
}

export interface Act {
  readonly kind: 'order' | 'list' | 'store' | 'create';
  readonly account: StoreEntry;
  /** Which of the store's orders. */
  readonly order: number;
  /** Whether a create names its `source_id`. */
  readonly isNamed: boolean;
  readonly deadlineMs: number;
  readonly leavesAfterMs: number | undefined;
}

export interface Schedule {
  readonly rules: readonly Rule[];
  /** The acts of a wave go on at the same time; the next begins when all have ended. */
  readonly waves: readonly (readonly Act[])[];
  readonly cacheMs: number;
  /**
   * How the chain learns of a deadline: a server says it in both ways. Where it is said as a time alone, all have the
   * same, because a read that several wait for goes by the time of the one who began it.
   */
  readonly toldBy: 'both' | 'signal' | { readonly onlyAfterMs: number };
}

const status = (code: number, headers: Record<string, string> = {}): Fault => ({
  kind: 'status',
  status: code,
  headers,
});

export const FAULTS: readonly Fault[] = [
  status(400),
  status(401),
  status(429, { 'X-Retry-After': '1' }),
  status(429, { 'X-Retry-After': '60' }),
  status(500),
  status(503),
  status(302, { Location: 'http://192.0.2.1/' }),
  { kind: 'error200' },
  { kind: 'html' },
  { kind: 'html', status: 200 },
  { kind: 'hang' },
  { kind: 'reset' },
  { kind: 'delay', ms: 20 },
  { kind: 'delay', ms: 400 },
  { kind: 'hang_after' },
  { kind: 'reset_after' },
  { kind: 'truncated' },
  { kind: 'malformed' },
  { kind: 'huge', bytes: 1 },
  { kind: 'huge', bytes: Number.POSITIVE_INFINITY },
];

const rule: fc.Arbitrary<Rule> = fc.record({
  fault: fc.constantFrom(...FAULTS),
  method: fc.constantFrom('GET', 'POST', undefined),
  store: fc.constantFrom('101', '102', '103', undefined),
  times: fc.constantFrom(1, 1, 2, 4),
});

const act = (accounts: readonly StoreEntry[]): fc.Arbitrary<Act> =>
  fc.record({
    kind: fc.constantFrom('order', 'list', 'store', 'create', 'create'),
    account: fc.constantFrom(...accounts),
    order: fc.nat(2),
    isNamed: fc.boolean(),
    deadlineMs: fc.constantFrom(250, 250, 700, 700, 1_700),
    leavesAfterMs: fc.constantFrom(undefined, undefined, undefined, undefined, 0, 5, 60),
  });

const toldBy = fc.constantFrom<Schedule['toldBy']>('both', 'both', 'signal', { onlyAfterMs: 250 });

export const schedule: fc.Arbitrary<Schedule> = fc.record({
  rules: fc.array(rule, { maxLength: 8 }),
  waves: fc.array(fc.array(act(ACCOUNTS), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
  cacheMs: fc.constantFrom(0, 60_000),
  toldBy,
});

/** More requests to one store, by both of its tenants, than its bucket holds. */
export const crowdedSchedule: fc.Arbitrary<Schedule> = fc.record({
  rules: fc.array(rule, { maxLength: 4 }),
  waves: fc.array(fc.array(act(SHARED_STORE), { minLength: 12, maxLength: 16 }), {
    minLength: 2,
    maxLength: 3,
  }),
  cacheMs: fc.constant(0),
  toldBy,
});
