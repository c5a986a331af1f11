/** What the sandbox saw, for tests and for people. Somebody else's requests are counted apart from the clients'. */
import type { RuleEvent } from './handler.js';

/** Requests that carried a store's credentials, by what the bucket said. */
export interface Tally {
  readonly requests: number;
  readonly granted: number;
  readonly rateLimited: number;
}

export interface StoreTally extends Tally {
  /** The most requests under way at one time, from the arrival of their headers until their answers' end. */
  readonly largestConcurrency: number;
}

export interface Counters {
  /** By method and path pattern, e.g. `GET /orders/{id}`; paths that the API does not have are `(unknown)`. */
  readonly requests: Readonly<Record<string, number>>;
  readonly total: number;
  /** How often 429 was answered because the bucket was empty. */
  readonly rateLimited: number;
  /** By Order Desk's id of the store. */
  readonly byStore: Readonly<Record<string, StoreTally>>;
  /** What the merchant's other integrations asked for, by store. In no other figure. */
  readonly somebodyElse: Readonly<Record<string, Tally>>;
  /** How often the merchant's rules ran, by event. */
  readonly rulesFired: Readonly<Partial<Record<RuleEvent, number>>>;
}

export interface Counting {
  request(method: string, pattern: string): void;
  /** A client's request reached the bucket of its store. */
  asked(store: string, granted: boolean): void;
  askedBySomebodyElse(store: string, granted: boolean): void;
  /** A client's request begins. @returns to be called once, at its end */
  underWay(store: string): () => void;
  ruleFired(event: RuleEvent): void;
  read(): Counters;
  /** Requests under way stay so: they are the new largest concurrency. */
  reset(): void;
}

const NONE: Tally = { requests: 0, granted: 0, rateLimited: 0 };

function add(tallies: Map<string, Tally>, store: string, granted: boolean): void {
  const { requests, ...was } = tallies.get(store) ?? NONE;
  tallies.set(store, {
    requests: requests + 1,
    granted: was.granted + (granted ? 1 : 0),
    rateLimited: was.rateLimited + (granted ? 0 : 1),
  });
}

const increment = <Key>(counts: Map<Key, number>, key: Key, by: number): number => {
  const count = (counts.get(key) ?? 0) + by;
  counts.set(key, count);
  return count;
};

export function createCounting(): Counting {
  const requests = new Map<string, number>();
  const rules = new Map<RuleEvent, number>();
  const clients = new Map<string, Tally>();
  const others = new Map<string, Tally>();
  const concurrency = new Map<string, number>();
  const largest = new Map<string, number>();

  const byStore = (): Record<string, StoreTally> => {
    const stores = [...new Set([...clients.keys(), ...largest.keys()])];
    return Object.fromEntries(
      stores.map((store) => [
        store,
        { ...(clients.get(store) ?? NONE), largestConcurrency: largest.get(store) ?? 0 },
      ]),
    );
  };

  return {
    request(method, pattern) {
      increment(requests, `${method} ${pattern}`, 1);
    },
    asked: (store, granted) => add(clients, store, granted),
    askedBySomebodyElse: (store, granted) => add(others, store, granted),
    underWay(store) {
      const count = increment(concurrency, store, 1);
      largest.set(store, Math.max(count, largest.get(store) ?? 0));
      return () => {
        increment(concurrency, store, -1);
      };
    },
    ruleFired(event) {
      increment(rules, event, 1);
    },
    read: () => ({
      requests: Object.fromEntries(requests),
      total: [...requests.values()].reduce((sum, count) => sum + count, 0),
      rateLimited: [...clients.values()].reduce((sum, tally) => sum + tally.rateLimited, 0),
      byStore: byStore(),
      somebodyElse: Object.fromEntries(others),
      rulesFired: Object.fromEntries(rules),
    }),
    reset() {
      for (const counts of [requests, rules, clients, others, largest]) counts.clear();
      for (const [store, count] of concurrency) if (count > 0) largest.set(store, count);
    },
  };
}
