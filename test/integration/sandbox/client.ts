import type { SandboxOptions, SandboxStoreOptions } from '../../../src/sandbox/index.js';
import { startSandbox } from '../../../src/sandbox/index.js';

export const NOON = Date.UTC(2026, 5, 30, 12);

export const store: SandboxStoreOptions = {
  id: '11',
  apiKey: 'key-of-11',
  name: 'Test Store',
  timeZone: 'America/Los_Angeles',
  seed: 5,
  orderCount: 60,
};

/** A reply as a client sees it. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into JSON of any shape
  readonly body: any;
}

export type Get = (path: string, init?: RequestInit) => Promise<Seen>;

export function credentials(id = store.id, apiKey = store.apiKey): Record<string, string> {
  return { 'ORDERDESK-STORE-ID': id, 'ORDERDESK-API-KEY': apiKey };
}

/** A sandbox with one small store, its clock standing at noon, no rate limit unless told, and a client for it. */
export async function open(options: Partial<SandboxOptions> = {}) {
  const sandbox = await startSandbox({ stores: [store], now: () => NOON, rateLimit: false, ...options });
  const get: Get = async (path, init = {}) => {
    const response = await fetch(`${sandbox.url}${path}`, {
      headers: credentials(),
      redirect: 'manual',
      ...init,
    });
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    return { status: response.status, headers: response.headers, text, body };
  };
  return { sandbox, get, first: sandbox.stores[0] ?? sandbox.store(store.id) };
}
