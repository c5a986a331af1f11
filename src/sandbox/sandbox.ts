/** Starts a sandbox: the stores, the service and the server, put together. */
import { once } from 'node:events';
import { ADMIN_PATH, createAdmin } from './admin.js';
import { bucketFor, orderDeskRateLimit, type RateLimit } from './bucket.js';
import { type Counters, createCounting } from './counters.js';
import { createFaults, type FaultRule } from './faults.js';
import { createLatency, type LatencyOptions } from './latency.js';
import { replaceNote } from './order-edit.js';
import { BASE_PATH } from './router.js';
import { createPrng, type Prng } from './seed/prng.js';
import { createSandboxServer } from './server.js';
import { type ApiRequest, createService } from './service.js';
import {
  createSomebodyElse,
  realTimer,
  type SomebodyElse,
  type SomebodyElseOptions,
  type Timer,
} from './somebody-else.js';
import { createStore, type SandboxStore, type SandboxStoreOptions } from './store.js';
import { createSwitchboard } from './switchboard.js';
import type { SandboxSwitches } from './switches.js';

export interface SandboxOptions {
  readonly stores: readonly SandboxStoreOptions[];
  /** Port on 127.0.0.1; 0, the default, takes any that is free. */
  readonly port?: number;
  /** Milliseconds since the epoch, for the bucket and all dates; `Date.now` unless told. */
  readonly now?: () => number;
  /** Order Desk's own limit unless told; `false` for none. */
  readonly rateLimit?: RateLimit | false;
  readonly switches?: Partial<SandboxSwitches>;
  /** How long requests and answers are under way; no time at all unless told. */
  readonly latency?: LatencyOptions;
  /** Decides what happens by chance (faults, latency, somebody else), not the records; 1 unless told. */
  readonly seed?: number;
  /** Opens the administration; see `docs/SANDBOX.md`. Off unless told. */
  readonly admin?: boolean;
  /** When somebody else makes requests; real time unless told. */
  readonly timer?: Timer;
  /** Sees every request before it is answered. */
  readonly onRequest?: (request: ApiRequest) => void;
}

export interface Sandbox {
  /** Ends in `/api/v2`, without a slash. */
  readonly url: string;
  /** Ends in `/_sandbox`, without a slash; `undefined` where the administration is off. */
  readonly adminUrl: string | undefined;
  readonly stores: readonly SandboxStore[];
  /** @throws Error when there is no such store */
  store(id: string): SandboxStore;
  counters(): Counters;
  resetCounters(): void;
  /**
   * Spoils coming requests that fit. @returns takes the rule away again
   * @throws RangeError for a probability outside of 0 to 1, or `times` below 1
   */
  fail(rule: FaultRule): () => void;
  /** Another integration works in a store from now on. @throws Error for an unknown store, RangeError for its figures */
  somebodyElse(options: SomebodyElseOptions): SomebodyElse;
  /** Cuts open connections and frees the port. */
  close(): Promise<void>;
}

/** @throws Error for two stores of one id, RangeError for an unknown time zone, the system's error for a port in use */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  const switchboard = createSwitchboard(options.switches);
  const newBucket = () => bucketFor(options.rateLimit ?? orderDeskRateLimit, now);
  const shared = switchboard.switches().bucketScope === 'account' ? newBucket() : undefined;
  const runtimes = options.stores.map((store) => createStore(store, shared ?? newBucket(), now));
  const stores = new Map(runtimes.map((runtime) => [runtime.store.id, runtime]));
  if (stores.size < runtimes.length) throw new Error('Two stores of the sandbox have the same id.');
  const runtimeOf = (id: string) => {
    const runtime = stores.get(id);
    if (runtime === undefined) throw new Error(`The sandbox has no store ${id}.`);
    return runtime;
  };

  const newPrng = prngs(options.seed ?? 1);
  const counting = createCounting();
  const faults = createFaults(newPrng());
  const latency = createLatency(options.latency ?? {}, newPrng);
  const { onRequest } = options;
  const service = createService({
    stores,
    switchboard,
    counting,
    faults,
    now,
    ...(onRequest === undefined ? {} : { onRequest }),
  });

  const others = new Set<SomebodyElse>();
  const somebodyElse = (wanted: SomebodyElseOptions): SomebodyElse => {
    const { store, bucket } = runtimeOf(wanted.store);
    const other = createSomebodyElse(wanted, {
      bucket,
      prng: newPrng(),
      timer: options.timer ?? realTimer,
      asked: (granted) => counting.askedBySomebodyElse(store.id, granted),
      edit: (id, note) => replaceNote(store, id, note, now()),
    });
    others.add(other);
    return other;
  };

  const admin = createAdmin({ stores, switchboard, counting, faults, somebodyElse, now });
  const server = createSandboxServer({
    service,
    counting,
    latency,
    ...(options.admin === true ? { admin } : {}),
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox listens on no port.');

  const origin = `http://127.0.0.1:${address.port}`;

  return {
    url: `${origin}${BASE_PATH}`,
    adminUrl: options.admin === true ? `${origin}${ADMIN_PATH.slice(0, -1)}` : undefined,
    stores: runtimes.map(({ store }) => store),
    store: (id) => runtimeOf(id).store,
    counters: counting.read,
    resetCounters: counting.reset,
    fail(rule) {
      const id = faults.add(rule);
      return () => {
        faults.remove(id);
      };
    },
    somebodyElse,
    async close() {
      for (const other of others) other.stop();
      latency.stop();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Random numbers apart for each use, so that more of one does not change the others. */
function prngs(seed: number): () => Prng {
  const seeds = createPrng(seed);
  return () => createPrng(seeds.int(0, 0xffff_ffff));
}
