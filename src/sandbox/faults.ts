/**
 * Misbehaviour on request: what a client meets when Order Desk, or the net before it, fails. A fault strikes after the
 * bucket: it costs a token, and a request with refused credentials or without a token meets none.
 */
import type { Prng } from './seed/prng.js';

/** Each kind says whether the request is applied, so whether a write is done that the client cannot be sure of. */
export type Fault =
  /** An error envelope with this status; `headers` make it a redirect or a 429. Not applied. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Status 200 and an error envelope. Not applied. */
  | { readonly kind: 'error200'; readonly message?: string }
  /** A page as a proxy makes it; status 502 unless told. Not applied. */
  | { readonly kind: 'html'; readonly status?: number }
  /** No answer until the client goes. Not applied. */
  | { readonly kind: 'hang' }
  /** The connection is reset before any byte of an answer. Not applied. */
  | { readonly kind: 'reset' }
  /** Applied at once, the right answer so many milliseconds late. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Applied, then no answer until the client goes. */
  | { readonly kind: 'hang_after' }
  /** Applied, then the connection is reset before any byte of an answer. */
  | { readonly kind: 'reset_after' }
  /** Applied; half of the right answer, then the connection ends. */
  | { readonly kind: 'truncated' }
  /** Applied; the right status, and JSON that breaks off. */
  | { readonly kind: 'malformed' }
  /** Applied; status 200 and valid JSON of so many bytes (20 MiB unless told); `Infinity` never ends. */
  | { readonly kind: 'huge'; readonly bytes?: number };

export interface PlainMatch {
  /** In capitals; every method unless told. */
  readonly method?: string;
  /** What follows `/api/v2`, without the query; a segment `{id}` stands for any one segment. */
  readonly path?: string;
}

export type FaultRule = Fault & {
  /** Which requests; all unless told. @param path what follows `/api/v2`, without the query */
  readonly match?: ((method: string, path: string) => boolean) | PlainMatch;
  /** Order Desk's id of a store; all stores unless told. */
  readonly store?: string;
  /** How many requests it spoils: 1 unless told, with a `probability` any number. `Infinity` is allowed. */
  readonly times?: number;
  /** The share of the fitting requests that it spoils, 0 to 1; all unless told. */
  readonly probability?: number;
};

export interface FaultInForce {
  readonly id: string;
  readonly rule: FaultRule;
  /** How many requests it may still spoil. */
  readonly left: number;
}

export interface Faults {
  /** @returns the rule's id @throws RangeError for a probability outside of 0 to 1, or `times` below 1 */
  add(rule: FaultRule): string;
  /** @returns whether the rule was in force */
  remove(id: string): boolean;
  /** @returns how many rules were in force */
  clear(): number;
  /** Oldest first. */
  list(): readonly FaultInForce[];
  /** The oldest rule that fits and that chance does not spare, counted as used once. */
  next(method: string, path: string, store: string): Fault | undefined;
}

/** @param prng for rules with a probability: one draw for each fitting request and rule */
export function createFaults(prng: Prng): Faults {
  const rules = new Map<string, { readonly rule: FaultRule; readonly fits: Matcher; left: number }>();
  let added = 0;
  return {
    add(rule) {
      const { probability } = rule;
      if (probability !== undefined && !(probability >= 0 && probability <= 1)) {
        throw new RangeError('The probability of a fault is a number from 0 to 1.');
      }
      if (rule.times !== undefined && !(rule.times >= 1)) {
        throw new RangeError('A fault spoils at least one request.');
      }
      added += 1;
      const id = `fault-${added}`;
      const left = rule.times ?? (probability === undefined ? 1 : Number.POSITIVE_INFINITY);
      rules.set(id, { rule, fits: matcher(rule.match), left });
      return id;
    },
    remove: (id) => rules.delete(id),
    clear() {
      const count = rules.size;
      rules.clear();
      return count;
    },
    list: () => [...rules].map(([id, { rule, left }]) => ({ id, rule, left })),
    next(method, path, store) {
      for (const [id, entry] of rules) {
        const { rule, fits } = entry;
        if (rule.store !== undefined && rule.store !== store) continue;
        if (!fits(method, path)) continue;
        if (rule.probability !== undefined && !prng.chance(rule.probability)) continue;
        entry.left -= 1;
        if (entry.left <= 0) rules.delete(id);
        return rule;
      }
      return undefined;
    },
  };
}

type Matcher = (method: string, path: string) => boolean;

function matcher(match: FaultRule['match'] = {}): Matcher {
  if (typeof match === 'function') return match;
  const wanted = match.path?.split('/');
  return (method, path) => {
    if (match.method !== undefined && match.method !== method) return false;
    if (wanted === undefined) return true;
    const segments = path.split('/');
    return (
      segments.length === wanted.length &&
      wanted.every((segment, at) => segment === '{id}' || segment === segments[at])
    );
  };
}
