/** Starts a sandbox: the stores, the service and the server, put together. */
import { once } from 'node:events';
import { bucketFor, orderDeskRateLimit, type RateLimit } from './bucket.js';
import { type Counters, createCounting } from './counters.js';
import { createFaults, type FaultRule } from './faults.js';
import { createOrderRenderer } from './render.js';
import { BASE_PATH } from './router.js';
import { createSandboxServer } from './server.js';
import { type ApiRequest, createService } from './service.js';
import { createStore, type SandboxStore, type SandboxStoreOptions } from './store.js';
import { defaultSwitches, type SandboxSwitches } from './switches.js';

export interface SandboxOptions {
  readonly stores: readonly SandboxStoreOptions[];
  /** Port on 127.0.0.1; 0, the default, takes any that is free. */
  readonly port?: number;
  /** Milliseconds since the epoch, for the bucket and all dates; `Date.now` unless told. */
  readonly now?: () => number;
  /** Order Desk's own limit unless told; `false` for none. */
  readonly rateLimit?: RateLimit | false;
  readonly switches?: Partial<SandboxSwitches>;
  /** Sees every request before it is answered. */
  readonly onRequest?: (request: ApiRequest) => void;
}

export interface Sandbox {
  /** Ends in `/api/v2`, without a slash. */
  readonly url: string;
  readonly stores: readonly SandboxStore[];
  /** @throws Error when there is no such store */
  store(id: string): SandboxStore;
  counters(): Counters;
  resetCounters(): void;
  /** Spoils coming requests that fit. @returns takes the rule away again */
  fail(rule: FaultRule): () => void;
  /** Cuts open connections and frees the port. */
  close(): Promise<void>;
}

/** @throws Error for two stores of one id, RangeError for an unknown time zone, the system's error for a port in use */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  const switches = { ...defaultSwitches, ...options.switches };
  const newBucket = () => bucketFor(options.rateLimit ?? orderDeskRateLimit, now);
  const shared = switches.bucketScope === 'account' ? newBucket() : undefined;
  const runtimes = options.stores.map((store) => createStore(store, shared ?? newBucket(), now));
  const stores = new Map(runtimes.map((runtime) => [runtime.store.id, runtime]));
  if (stores.size < runtimes.length) throw new Error('Two stores of the sandbox have the same id.');

  const counting = createCounting();
  const faults = createFaults();
  const service = createService({
    stores,
    switches,
    renderer: createOrderRenderer(switches),
    counting,
    faults,
    now,
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
  });
  const server = createSandboxServer(service);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox listens on no port.');

  return {
    url: `http://127.0.0.1:${address.port}${BASE_PATH}`,
    stores: runtimes.map(({ store }) => store),
    store(id) {
      const runtime = stores.get(id);
      if (runtime === undefined) throw new Error(`The sandbox has no store ${id}.`);
      return runtime.store;
    },
    counters: counting.read,
    resetCounters: counting.reset,
    fail: faults.add,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
