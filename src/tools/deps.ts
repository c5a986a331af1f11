/** What the tools are made of: ports, and the time. */
import type { ChangeEngine } from '../changes/port.js';
import type { StoreBudgets, StoreGateway } from '../orderdesk/port.js';
import type { Masker } from '../tenancy/masker.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { StoreAdmin, StoreDirectory } from '../tenancy/stores.js';

export interface ToolDeps {
  readonly gateway: StoreGateway;
  readonly budgets: StoreBudgets;
  readonly directory: StoreDirectory;
  readonly sealer: Sealer;
  readonly masker: Masker;
  readonly changes: ChangeEngine;
  readonly storeAdmin: StoreAdmin;
  readonly clock: () => Date;
}
