/** All operations in one object, by name. The socket of a running server calls them by these names. */
import type { z } from 'zod';
import { type EventWriterDeps, eventWriter } from '../audit/events.js';
import { type AuditOperationDeps, auditOperations } from './audit.js';
import { type ChangeOperationDeps, changeOperations } from './changes.js';
import { type KeyLifeDeps, keyLifeOperations } from './key-life.js';
import { type KeyOperationDeps, keyOperations } from './keys.js';
import { type StoreFolderDeps, storeFolderOperations } from './store-folders.js';
import { type StoreOperationDeps, storeOperations } from './stores.js';
import { type TenantLifeDeps, tenantLifeOperations } from './tenant-life.js';
import { type TenantLimitsDeps, tenantLimitsOperations } from './tenant-limits.js';
import { type TenantOperationDeps, tenantOperations } from './tenants.js';
import { type VaultOperationDeps, vaultOperations } from './vault.js';

type AllDeps = TenantOperationDeps &
  TenantLifeDeps &
  TenantLimitsDeps &
  KeyOperationDeps &
  KeyLifeDeps &
  StoreOperationDeps &
  StoreFolderDeps &
  VaultOperationDeps &
  AuditOperationDeps &
  ChangeOperationDeps;

/** `actor` is who the trail will name for all that these operations do. */
export type OperationDeps = Omit<AllDeps, 'record'> & Pick<EventWriterDeps, 'actor'>;

/** How a caller sees an operation whose name came over a wire: it checks whatever it is given. */
export interface NamedOperation {
  readonly input: z.ZodType;
  run(input: unknown): Promise<unknown>;
}

export function makeOperations(given: OperationDeps) {
  const deps: AllDeps = { ...given, record: eventWriter(given) };
  return {
    ...tenantOperations(deps),
    ...tenantLifeOperations(deps),
    ...tenantLimitsOperations(deps),
    ...keyOperations(deps),
    ...keyLifeOperations(deps),
    ...storeOperations(deps),
    ...storeFolderOperations(deps),
    ...vaultOperations(deps),
    ...auditOperations(deps),
    ...changeOperations(deps),
  } satisfies Record<string, NamedOperation>;
}

export type Operations = ReturnType<typeof makeOperations>;
