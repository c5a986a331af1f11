/** What the first start on an empty sandbox makes, so that an agent has something to talk to at once. */
import type { Operations } from '../tenancy/operations/index.js';

export const DEMO_TENANT = 'demo';

export interface DemoStore {
  readonly id: string;
  readonly apiKey: string;
}

/**
 * A tenant, its stores and a key; the key's text, or `undefined` when it was made before. A first start that was cut
 * short is finished by the next.
 */
export async function makeDemoTenant(
  operations: Operations,
  stores: readonly DemoStore[],
): Promise<string | undefined> {
  const tenants = await operations.listTenants.run({});
  const isThere = tenants.some(({ name }) => name === DEMO_TENANT);
  if (!isThere && tenants.length > 0) return undefined;
  const tenant = DEMO_TENANT;
  if (!isThere) await operations.createTenant.run({ name: tenant });
  if ((await operations.listKeys.run({ tenant })).length > 0) return undefined;
  const added = new Set((await operations.listStores.run({ tenant })).map((store) => store.orderDeskStoreId));
  for (const [index, { id, apiKey }] of stores.entries()) {
    if (added.has(id)) continue;
    await operations.addStore.run({ tenant, orderDeskStoreId: id, apiKey, isDefault: index === 0 });
  }
  return (await operations.createKey.run({ tenant, name: 'first start', role: 'agent' })).key;
}
