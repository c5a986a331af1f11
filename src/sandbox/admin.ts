/**
 * The administration of a running sandbox, on its own paths beside the API's. Nothing here counts as a request to
 * Order Desk or needs a credential; so it answers to this machine by its loopback names only, and to no web page.
 */
import type { IncomingHttpHeaders } from 'node:http';
import {
  BadInput,
  readDrain,
  readEdit,
  readFault,
  readJson,
  readSomebodyElse,
  readSwitchChange,
  UNLIMITED,
} from './admin-input.js';
import type { Counting } from './counters.js';
import type { FaultInForce, Faults } from './faults.js';
import { editOrder } from './order-edit.js';
import type { Reply } from './reply.js';
import type { SomebodyElse, SomebodyElseOptions } from './somebody-else.js';
import type { StoreRuntime } from './store.js';
import type { Switchboard } from './switchboard.js';

export const ADMIN_PATH = '/_sandbox/';

export interface AdminRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty where there was none. */
  readonly body: string;
}

export type Admin = (request: AdminRequest) => Reply;

export interface AdminParts {
  readonly stores: ReadonlyMap<string, StoreRuntime>;
  readonly switchboard: Switchboard;
  readonly counting: Counting;
  readonly faults: Faults;
  somebodyElse(options: SomebodyElseOptions): SomebodyElse;
  now(): number;
}

interface Done {
  readonly status: number;
  readonly body: unknown;
}

/** @param ids the ids in the path, from left to right */
type Action = (ids: readonly string[], body: unknown) => Done;

export function createAdmin(parts: AdminParts): Admin {
  const actions = actionsOn(parts);
  return (request) => {
    const { status, body } = isAllowed(request.headers)
      ? act(actions, request)
      : refusal(403, 'The sandbox answers here by its loopback names only, and to no web page.');
    return {
      status,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body, (_, value) => (value === Number.POSITIVE_INFINITY ? UNLIMITED : value)),
    };
  };
}

/** A page that points a name of its own here (DNS rebinding) sends that name; one that posts across origins, its origin. */
const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

const isAllowed = ({ host = '', origin }: IncomingHttpHeaders): boolean =>
  origin === undefined && LOOPBACK_HOST.test(host);

function act(actions: ReadonlyMap<string, Action>, { method, url, body }: AdminRequest): Done {
  const [path = ''] = url.slice(ADMIN_PATH.length).split('?');
  const segments = path.split('/');
  const pattern = segments.map((segment, at) => (at % 2 === 0 ? `/${segment}` : '/{id}')).join('');
  const action = actions.get(`${method} ${pattern}`);
  if (action === undefined) return refusal(404, `There is only: ${[...actions.keys()].join(', ')}.`);
  try {
    return action(
      segments.filter((_, at) => at % 2 === 1),
      readJson(body),
    );
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return { status: 400, body: { error: error.message, field: error.field } };
  }
}

const done = (body: unknown): Done => ({ status: 200, body });
const made = (body: unknown): Done => ({ status: 201, body });
const refusal = (status: number, error: string): Done => ({ status, body: { error } });

function actionsOn(parts: AdminParts): ReadonlyMap<string, Action> {
  const { stores, switchboard, counting, faults } = parts;
  const running = new Map<string, SomebodyElse>();
  let begun = 0;

  const known = (store: string | undefined) => {
    if (store === undefined || stores.has(store)) return;
    throw new BadInput('store', `Choose from: ${[...stores.keys()].join(', ')}.`);
  };
  const noStore = () =>
    refusal(404, `There is no such store. Choose from: ${[...stores.keys()].join(', ')}.`);

  const changeSwitches: Action = (_, body) => {
    const change = readSwitchChange(body);
    const { bucketScope } = switchboard.switches();
    if (change.bucketScope !== undefined && change.bucketScope !== bucketScope) {
      throw new BadInput('bucketScope', 'Tell it at the start of the sandbox, when the buckets are made.');
    }
    switchboard.change(change);
    return done({ switches: switchboard.switches() });
  };

  const edit: Action = ([store = '', id = ''], body) => {
    const runtime = stores.get(store);
    if (runtime === undefined) return noStore();
    const change = readEdit(body);
    if (runtime.records.order(id) === undefined) return refusal(404, 'The store has no such order.');
    const folders = runtime.records.folders().map((folder) => folder.id);
    if (change.folder_id !== undefined && !folders.includes(change.folder_id)) {
      throw new BadInput('folder_id', `Choose from: ${folders.join(', ')}.`);
    }
    const { date_updated } = editOrder(runtime.store, id, change, parts.now());
    return done({ id, date_updated });
  };

  const report: Action = () =>
    done({
      counters: counting.read(),
      faults: faults.list().map(viewFault),
      somebodyElse: Object.fromEntries([...running].map(([id, other]) => [id, other.report()])),
      switches: switchboard.switches(),
      stores: [...stores].map(([id, { store, records, bucket }]) => ({
        id,
        name: store.name,
        orders: records.orders().length,
        tokens: bucket.remaining(),
      })),
    });

  return new Map<string, Action>([
    ['GET /report', report],
    [
      'POST /reset',
      () => {
        counting.reset();
        return done({ counters: counting.read() });
      },
    ],
    [
      'POST /faults',
      (_, body) => {
        const rule = readFault(body);
        known(rule.store);
        return made({ id: faults.add(rule) });
      },
    ],
    ['DELETE /faults', () => done({ removed: faults.clear() })],
    [
      'DELETE /faults/{id}',
      ([id = '']) =>
        faults.remove(id) ? done({ removed: 1 }) : refusal(404, 'No such fault is in force; see the report.'),
    ],
    ['PATCH /switches', changeSwitches],
    ['POST /switches', changeSwitches],
    [
      'POST /somebody-else',
      (_, body) => {
        const options = readSomebodyElse(body);
        known(options.store);
        const orders = stores.get(options.store)?.records;
        const missing = options.edits?.find((order) => orders?.order(order) === undefined);
        if (missing !== undefined)
          throw new BadInput('edits', `Send ids of orders that the store has, not ${missing}.`);
        begun += 1;
        const id = `somebody-${begun}`;
        running.set(id, parts.somebodyElse(options));
        return made({ id });
      },
    ],
    [
      'DELETE /somebody-else',
      () => {
        const stopped = [...running].map(([id, other]) => [id, other.stop()]);
        running.clear();
        return done({ stopped: Object.fromEntries(stopped) });
      },
    ],
    ['POST /stores/{id}/orders/{id}', edit],
    [
      'POST /stores/{id}/drain',
      ([store = ''], body) => {
        const bucket = stores.get(store)?.bucket;
        if (bucket === undefined) return noStore();
        bucket.drain(readDrain(body).tokens ?? bucket.remaining());
        return done({ tokens: bucket.remaining() });
      },
    ],
  ]);
}

/** A rule as it may be sent again; one that a test made of a function says so. */
function viewFault({ id, rule, left }: FaultInForce) {
  const match = typeof rule.match === 'function' ? 'a function of the program' : rule.match;
  return { ...rule, id, match, times: left };
}
