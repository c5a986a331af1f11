/** What the first start on an empty sandbox makes, so that an agent has something to talk to at once. */
import type { Operations } from '../tenancy/operations/index.js';

export const DEMO_TENANT = 'demo';

export interface DemoStore {
  readonly id: string;
  readonly apiKey: string;
}

/** A tenant, its stores and a key; the key's text, or `undefined` when there are tenants already. */
export async function makeDemoTenant(
  operations: Operations,
  stores: readonly DemoStore[],
): Promise<string | undefined> {
  if ((await operations.listTenants.run({})).length > 0) return undefined;
  await operations.createTenant.run({ name: DEMO_TENANT });
  for (const [index, { id, apiKey }] of stores.entries()) {
    await operations.addStore.run({
      tenant: DEMO_TENANT,
      orderDeskStoreId: id,
      apiKey,
      isDefault: index === 0,
    });
  }
  const { key } = await operations.createKey.run({ tenant: DEMO_TENANT, name: 'first start', role: 'agent' });
  return key;
}
