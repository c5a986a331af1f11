/** Tenants for a load, and the account of what their ledger says against what the stores hold. */

import { type LocalOperations, openLocalOperations } from '../../../src/app/local-operations.js';
import { readConfig } from '../../../src/app/read-config.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import type { AskedChange, Caller } from './load.js';

/** The operations of the command line on the database of running replicas. @param env as theirs */
export const operationsOn = (env: NodeJS.ProcessEnv): Promise<LocalOperations> =>
  openLocalOperations(readConfig(env));

/** A tenant with an agent key for each store of the sandbox. @param orders of each store that may be changed */
export async function makeCallers(
  { operations }: LocalOperations,
  sandbox: Sandbox,
  orders: number,
): Promise<readonly Caller[]> {
  const callers: Caller[] = [];
  for (const store of sandbox.stores) {
    const tenant = tenantOf(store.id);
    await operations.createTenant.run({ name: tenant });
    await operations.addStore.run({ tenant, orderDeskStoreId: store.id, apiKey: store.apiKey });
    const { key } = await operations.createKey.run({ tenant, name: 'load', role: 'agent' });
    const orderIds = store
      .orders()
      .slice(0, orders)
      .map(({ id }) => id);
    callers.push({ key, storeId: store.id, orderIds });
  }
  return callers;
}

const tenantOf = (storeId: string): string => `tenant-${storeId}`;

export interface LedgerEntry {
  readonly storeId: string;
  readonly orderId: string | undefined;
  readonly state: string;
  /** The e-mail address that was written, or was to be. */
  readonly email: string | undefined;
}

/** Every entry of the ledgers of these stores' tenants, oldest first in each. */
export async function ledgerOf(
  { operations }: LocalOperations,
  storeIds: readonly string[],
): Promise<readonly LedgerEntry[]> {
  const all: LedgerEntry[] = [];
  for (const storeId of storeIds) {
    const own: LedgerEntry[] = [];
    let after: string | undefined;
    do {
      const page = await operations.listChanges.run({
        tenant: tenantOf(storeId),
        limit: 100,
        ...(after === undefined ? {} : { after }),
      });
      for (const { state, lines } of page.entries) {
        const [line] = lines ?? [];
        const field = line?.fields.find(({ path }) => path.join('.') === 'email');
        const email = typeof field?.after === 'string' ? field.after : undefined;
        own.push({ storeId, orderId: line?.target.id ?? undefined, state, email });
      }
      after = page.next ?? undefined;
    } while (after !== undefined);
    all.push(...own.reverse());
  }
  return all;
}

/**
 * What does not fit between the changes that were asked for, the ledger, and the stores; empty when all of it does.
 * @param written every e-mail address that was written to a store, each time it was
 */
export function disagreements(
  asked: readonly AskedChange[],
  ledger: readonly LedgerEntry[],
  written: readonly string[],
  sandbox: Sandbox,
): readonly string[] {
  const times = new Map<string, number>();
  for (const email of written) times.set(email, (times.get(email) ?? 0) + 1);
  const entries = new Map(ledger.map((entry) => [entry.email, entry]));
  const wrong: string[] = [];
  for (const { email, answer } of asked) {
    const entry = entries.get(email);
    const count = times.get(email) ?? 0;
    if (count > 1) wrong.push(`${email} was written ${count} times`);
    if (answer === 'applied' && count !== 1) wrong.push(`${email} was answered as applied, and not written`);
    if ((entry?.state === 'applied') !== (count === 1)) {
      wrong.push(`${email}: written ${count} times, in the ledger as ${entry?.state ?? 'nothing'}`);
    }
  }
  const last = new Map<string, LedgerEntry>();
  for (const entry of ledger) {
    if (entry.state === 'applied') last.set(`${entry.storeId} ${entry.orderId}`, entry);
    else if (entry.state !== 'failed') wrong.push(`${entry.email} is ${entry.state} in the ledger`);
  }
  for (const { storeId, orderId, email } of last.values()) {
    const stands = sandbox.store(storeId).order(orderId ?? '')?.email;
    if (stands !== email) wrong.push(`order ${orderId} holds ${stands}, the ledger says ${email}`);
  }
  return wrong;
}
