/** A made-up store of the sandbox behind its own service, asked without sockets: thousands of writes a second. */
import { asMap, isMap, type Raw } from '../../../src/orders/merge/raw.js';
import { bucketFor } from '../../../src/sandbox/bucket.js';
import { createCounting } from '../../../src/sandbox/counters.js';
import { createFaults } from '../../../src/sandbox/faults.js';
import { BASE_PATH } from '../../../src/sandbox/router.js';
import { createPrng } from '../../../src/sandbox/seed/prng.js';
import { createService } from '../../../src/sandbox/service.js';
import { createStore, type SandboxStore } from '../../../src/sandbox/store.js';
import { createSwitchboard } from '../../../src/sandbox/switchboard.js';

export interface SandboxInProcess {
  readonly store: SandboxStore;
  /** Milliseconds since the epoch, a second later with every write. */
  now(): number;
  /** The member of the answer, as a client reads it. @throws Error for any other answer */
  read(path: string, member: string): Raw;
  /** The whole answer. @throws Error where the record is refused */
  put(path: string, record: Raw): Raw;
}

export function sandboxInProcess(orderCount: number): SandboxInProcess {
  let clock = Date.UTC(2026, 5, 30, 12);
  const now = () => clock;
  const given = { id: '31', apiKey: 'key-of-31', name: 'Writing shop', seed: 31, orderCount };
  const runtime = createStore(given, bucketFor(false, now), now);
  const service = createService({
    stores: new Map([[given.id, runtime]]),
    switchboard: createSwitchboard(),
    counting: createCounting(),
    faults: createFaults(createPrng(31)),
    now,
  });
  withShortLabels(runtime.store);
  const headers = { 'orderdesk-store-id': given.id, 'orderdesk-api-key': given.apiKey };

  const ask = (method: string, path: string, body?: string): Raw => {
    const request = { method, url: `${BASE_PATH}${path}`, headers };
    const reply = service.answer(body === undefined ? request : { ...request, body });
    if (reply.status !== 200) throw new Error(`${method} ${path}: ${reply.status} ${reply.body}`);
    return asMap(JSON.parse(reply.body)) ?? {};
  };

  return {
    store: runtime.store,
    now,
    read(path, member) {
      const record = ask('GET', path)[member];
      if (!isMap(record)) throw new Error(`GET ${path} answers without ${member}.`);
      return record;
    },
    put(path, record) {
      clock += 1_000;
      return ask('PUT', path, JSON.stringify(record));
    },
  };
}

/** Images of labels are most of a shipped order, and nothing but long. */
function withShortLabels(store: SandboxStore): void {
  for (const { id, order_shipments: shipments } of store.orders()) {
    store.changeOrder(id, {
      order_shipments: shipments.map((one) => ({ ...one, label_image: one.label_image.slice(0, 40) })),
    });
  }
}
