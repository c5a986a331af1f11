/** Misbehaviour on request: what a client meets when Order Desk, or the net before it, fails. */
import type { ServerResponse } from 'node:http';

export type Fault =
  /** An error envelope with this status; `headers` make it a redirect or a 429. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The right answer, so many milliseconds late. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** No answer while the sandbox lives. */
  | { readonly kind: 'hang' }
  /** The connection is reset before any byte of an answer. */
  | { readonly kind: 'reset' }
  /** Half of the right answer, then the connection ends. */
  | { readonly kind: 'truncated' }
  /** Status 200 and JSON that breaks off. */
  | { readonly kind: 'malformed' }
  /** A page as a proxy makes it; status 502 unless told. */
  | { readonly kind: 'html'; readonly status?: number }
  /** Status 200 and an error envelope. */
  | { readonly kind: 'error200'; readonly message?: string }
  /** Valid JSON of so many bytes (20 MiB unless told); `Infinity` never ends. */
  | { readonly kind: 'huge'; readonly bytes?: number };

export type FaultRule = Fault & {
  /** Which requests; all unless told. @param path what follows `/api/v2`, without the query */
  readonly match?: (method: string, path: string) => boolean;
  /** Order Desk's id of a store; all stores unless told. */
  readonly store?: string;
  /** How many requests it spoils: 1 unless told. */
  readonly times?: number;
};

export interface Faults {
  /** @returns takes the rule away again, used up or not */
  add(rule: FaultRule): () => void;
  /** The oldest rule that fits, counted as used once. */
  next(method: string, path: string, store: string): Fault | undefined;
}

export function createFaults(): Faults {
  const rules = new Map<symbol, { readonly rule: FaultRule; left: number }>();
  return {
    add(rule) {
      const key = Symbol(rule.kind);
      rules.set(key, { rule, left: rule.times ?? 1 });
      return () => {
        rules.delete(key);
      };
    },
    next(method, path, store) {
      for (const [key, entry] of rules) {
        const { rule } = entry;
        if (rule.store !== undefined && rule.store !== store) continue;
        if (rule.match !== undefined && !rule.match(method, path)) continue;
        entry.left -= 1;
        if (entry.left <= 0) rules.delete(key);
        return rule;
      }
      return undefined;
    },
  };
}

const DEFAULT_HUGE_BYTES = 20 * 1024 * 1024;

/** Writes a JSON object of about `bytes` bytes, no faster than it is read. */
export function sendHuge(response: ServerResponse, bytes: number = DEFAULT_HUGE_BYTES): void {
  const chunk = 'x'.repeat(64 * 1024);
  let left = bytes;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', more);
        return;
      }
    }
    response.end('"}');
  };
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.write('{"status":"success","padding":"');
  more();
}
