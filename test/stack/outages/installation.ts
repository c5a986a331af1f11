/** Two replicas as an installation runs them, with a tenant for every kind of call, and what each kind asks. */
import { randomBytes } from 'node:crypto';
import type { LocalOperations } from '../../../src/app/local-operations.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { type CommandOutcome, runCommand } from '../../support/running-program.js';
import type { Caller } from '../../support/stack/load.js';
import { type Replicas, startReplicas } from '../../support/stack/replicas.js';
import { makeCallers, operationsOn } from '../../support/stack/tenants.js';
import { type Outcome, toolOutcome } from './watch.js';

export const REPLICAS = [0, 1];
/** Each in a store of its own, so that none takes the others' part of a store's budget. */
const USES = ['read', 'write', 'preview', 'undo', 'firstUse', 'cached'] as const;
type Use = (typeof USES)[number];

const STORES = USES.map((use, at) => ({
  id: `${8101 + at}`,
  apiKey: `sandbox-key-${8101 + at}`,
  name: `For ${use}`,
  orderCount: 40,
}));

/** A write that was asked for. */
export interface AskedWrite {
  readonly orderId: string;
  readonly email: string;
}

export class Installation {
  readonly sandbox: Sandbox;
  readonly replicas: Replicas;
  readonly operations: LocalOperations;
  /** E-mail addresses that were put into the store of the writes, in order. */
  readonly arrived: string[];
  readonly #callers: readonly Caller[];
  readonly #adminToken: string;

  private constructor(parts: {
    sandbox: Sandbox;
    replicas: Replicas;
    operations: LocalOperations;
    callers: readonly Caller[];
    arrived: string[];
    adminToken: string;
  }) {
    this.sandbox = parts.sandbox;
    this.replicas = parts.replicas;
    this.operations = parts.operations;
    this.arrived = parts.arrived;
    this.#callers = parts.callers;
    this.#adminToken = parts.adminToken;
  }

  static async start(databaseUrl: string, redisUrl: string): Promise<Installation> {
    const arrived: string[] = [];
    const adminToken = randomBytes(24).toString('base64url');
    const sandbox = await startSandbox({
      stores: STORES,
      onRequest({ method, body }) {
        const email = method === 'PUT' ? EMAIL.exec(body ?? '')?.[0] : undefined;
        if (email !== undefined) arrived.push(email);
      },
    });
    const replicas = await startReplicas({
      count: REPLICAS.length,
      databaseUrl,
      redisUrl,
      orderDeskUrl: sandbox.url,
      env: {
        ADMIN_TOKEN: adminToken,
        AUTH_BCRYPT_COST: '10',
        // The processes of this test share a machine that has other things to do: being slow is no failure here.
        MCP_LIMIT_EVENT_LOOP_DELAY: '10',
        MCP_LIMIT_EVENT_LOOP_UTILIZATION: '1',
      },
    });
    const operations = await operationsOn(replicas.env);
    const callers = await makeCallers(operations, sandbox, 40);
    return new Installation({ sandbox, replicas, operations, callers, arrived, adminToken });
  }

  async close(): Promise<void> {
    await this.operations.close();
    await this.replicas.close();
    await this.sandbox.close();
  }

  storeId(use: Use): string {
    return this.#caller(use).storeId;
  }

  order(use: Use, at: number): string {
    const { orderIds } = this.#caller(use);
    return orderIds[at % orderIds.length] ?? '';
  }

  /** @param as another key of the same tenant */
  call(
    use: Use,
    replica: number,
    tool: string,
    args: Record<string, unknown>,
    as = this.#caller(use).key,
  ): Promise<Outcome> {
    return toolOutcome(this.replicas.url(replica), as, tool, args);
  }

  write(replica: number, { orderId, email }: AskedWrite): Promise<Outcome> {
    const args = { order_id: orderId, changes: { email }, idempotency_key: email };
    return this.call('write', replica, 'update_order', args);
  }

  /** A key that no replica has seen yet. */
  async newKey(): Promise<string> {
    const tenant = `tenant-${this.storeId('firstUse')}`;
    const name = `key ${randomBytes(4).toString('hex')}`;
    return (await this.operations.operations.createKey.run({ tenant, name, role: 'agent' })).key;
  }

  /** `orderdesk-mcp key create`, as a process of its own. */
  keyCommand(): Promise<CommandOutcome> {
    const tenant = `tenant-${this.storeId('firstUse')}`;
    const args = ['key', 'create', '--tenant', tenant, '--name', randomBytes(4).toString('hex'), '--json'];
    return runCommand(args, { dataDir: this.replicas.folder, env: this.replicas.env });
  }

  /** A probe, or the metrics. */
  async probe(replica: number, path: string): Promise<Outcome> {
    const { status, body } = await this.replicas.health(replica, path);
    return { outcome: `${status}`, status, told: body };
  }

  async detailed(replica: number): Promise<Outcome> {
    const response = await fetch(`http://127.0.0.1:${this.replicas.ports[replica]}/health/detailed`, {
      headers: { authorization: `Bearer ${this.#adminToken}` },
    });
    return { outcome: `${response.status}`, status: response.status, told: await response.json() };
  }

  async metrics(replica: number): Promise<Outcome> {
    return { outcome: '200', status: 200, told: await this.replicas.metrics(replica) };
  }

  #caller(use: Use): Caller {
    const caller = this.#callers[USES.indexOf(use)];
    if (caller === undefined) throw new Error(`There is no store for ${use}.`);
    return caller;
  }
}

/** Addresses as the tests below make them up; those of the orders have no such beginning. */
const EMAIL = /outage-[0-9a-z-]+@example\.com/;

/** The value of one line of the metrics; `undefined` where it is not there. @param series with its labels */
export function metricValue(metrics: unknown, series: string): number | undefined {
  const line = String(metrics)
    .split('\n')
    .find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
