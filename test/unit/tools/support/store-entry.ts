/** A made-up store of a tenant. */
import type { StoreRowId, TenantId } from '../../../../src/tenancy/ids.js';
import type { StoreEntry } from '../../../../src/tenancy/stores.js';

export const aStoreEntry = (change: Partial<StoreEntry> = {}): StoreEntry => ({
  rowId: 'row-1' as StoreRowId,
  tenantId: 'tenant-1' as TenantId,
  name: 'main',
  orderDeskId: '11',
  isDefault: true,
  verifiedAt: new Date('2026-01-01T00:00:00Z'),
  refusedAt: null,
  lastContactAt: new Date('2026-01-02T00:00:00Z'),
  folderNotes: { 2: 'Sends the thank-you mail' },
  folderStates: {},
  ...change,
});
