/** All operations in one object, by name. The socket of a running server calls them by these names. */
import type { z } from 'zod';
import { type KeyOperationDeps, keyOperations } from './keys.js';
import { type StoreOperationDeps, storeOperations } from './stores.js';
import { type TenantOperationDeps, tenantOperations } from './tenants.js';

export type OperationDeps = TenantOperationDeps & KeyOperationDeps & StoreOperationDeps;

/** How a caller sees an operation whose name came over a wire: it checks whatever it is given. */
export interface NamedOperation {
  readonly input: z.ZodType;
  run(input: unknown): Promise<unknown>;
}

export const makeOperations = (deps: OperationDeps) =>
  ({
    ...tenantOperations(deps),
    ...keyOperations(deps),
    ...storeOperations(deps),
  }) satisfies Record<string, NamedOperation>;

export type Operations = ReturnType<typeof makeOperations>;
