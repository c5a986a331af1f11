/** Stores and ways of an Order Desk in which the read tools must give the same answers. */
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import type { FolderState } from '../../../src/tenancy/stores.js';

export interface OracleWorld {
  readonly timeZone: string;
  /** The orders lie in the 90 days before, with a change of the clocks among them. */
  readonly anchor: string;
  readonly switches: Partial<SandboxSwitches>;
  /** By folder id; the sandbox has Canceled (21658) and Needs Review (21661). */
  readonly folderStates: Readonly<Record<string, FolderState>>;
  readonly canceled: readonly number[];
}

export const ORACLE_WORLDS: readonly OracleWorld[] = [
  {
    timeZone: 'America/Los_Angeles',
    anchor: '2026-04-20T00:00:00Z',
    switches: { endDate: 'exclusive', ties: 'by_id', textFilters: 'exact', sourceIdFilter: 'exact' },
    folderStates: {},
    canceled: [21_658],
  },
  {
    timeZone: 'Australia/Sydney',
    anchor: '2026-05-01T12:00:00Z',
    switches: { endDate: 'inclusive', ties: 'shuffled', textFilters: 'contains', sourceIdFilter: 'contains' },
    folderStates: {},
    canceled: [21_658],
  },
  {
    timeZone: 'Europe/London',
    anchor: '2027-01-10T00:00:00Z',
    switches: { endDate: 'inclusive', ties: 'by_id', textFilters: 'contains', textCase: 'significant' },
    folderStates: { '21658': 'closed', '21661': 'canceled' },
    canceled: [21_661],
  },
];
