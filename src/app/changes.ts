/** The safe write put together: ledger, engine, and what runs in the background for them. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChangeEngine, type Engine } from '../changes/engine.js';
import type { ChangeEvent } from '../changes/engine-options.js';
import { changeTypes } from '../changes/kinds/index.js';
import { type ChangesForPeople, changesForPeople } from '../changes/operations.js';
import { endOldChanges } from '../changes/retention.js';
import { makeSqlLedger } from '../changes/sql-ledger.js';
import { tellingSwept } from '../changes/swept.js';
import { ChangeUpkeep } from '../changes/upkeep.js';
import type { Catalogue } from '../mcp/catalogue.js';
import { DEFAULT_TOOLSET, effectiveTools, NO_NARROWING } from '../mcp/scopes/effective-tools.js';
import type { Database } from '../storage/port.js';
import type { ChangeMetricOutcome, ChangeMetrics, Log } from '../telemetry/port.js';
import type { Waiting } from '../telemetry/waits.js';
import type { StoreRows } from '../tenancy/directory/store-rows.js';
import type { Principal } from '../tenancy/principal.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { StoreDirectory } from '../tenancy/stores.js';
import type { Vault } from '../tenancy/vault/vault.js';
import type { OpenedOrderDesk } from './order-desk.js';

export interface ChangeParts {
  readonly database: Database;
  readonly vault: Vault;
  readonly sealer: Sealer;
  readonly directory: StoreDirectory;
  readonly storeRows: StoreRows;
  readonly orderDesk: OpenedOrderDesk;
  /** Asked when a change is undone: the tools that keys can be given. */
  readonly catalogue: () => Pick<Catalogue, 'tools' | 'toolsets'>;
  readonly isReached: () => boolean;
  readonly metrics: ChangeMetrics | undefined;
  readonly log: Log;
  readonly waiting: Waiting;
  readonly now: () => number;
}

export interface OpenedChanges {
  readonly engine: Engine;
  readonly forPeople: ChangesForPeople;
  readonly upkeep: ChangeUpkeep;
  /** Ends the background work, then waits for the writes under way. Never throws. */
  close(): Promise<void>;
}

/** How long a claim and its locks hold, and how long they must be over before others take what was left, in milliseconds. */
const LEASE_MS = 60_000;
const GRACE_MS = 60_000;
/** Between two looks at what may not have been applied. */
const GAP_MS = 10_000;

export function openChanges(parts: ChangeParts): OpenedChanges {
  const { database, directory, storeRows, orderDesk, metrics, log, now, waiting } = parts;
  const sqlLedger = makeSqlLedger({ database, vault: parts.vault, leaseMs: LEASE_MS, graceMs: GRACE_MS });
  const ledger = tellingSwept(sqlLedger, (verdict) => metrics?.countSwept(verdict));
  const engine = createChangeEngine({
    ledger,
    types: changeTypes(),
    reads: orderDesk.fresh,
    writes: orderDesk.writes,
    gateway: orderDesk.gateway,
    budgets: orderDesk.budgets,
    sealer: parts.sealer,
    storesOf: (principal) => directory.list(principal),
    async resolveStore(tenantId, storeRowId) {
      const { entries } = await storeRows.of(tenantId);
      return entries.find(({ rowId }) => rowId === storeRowId);
    },
    mayUse: (principal, tool) => mayUse(parts.catalogue(), principal, tool),
    now,
    monotonic: () => performance.now(),
    random: randomBytes,
    sleep: (ms, signal, on) => waiting(on, () => sleep(ms, undefined, { signal })),
    leaseMs: LEASE_MS,
    gapMs: GAP_MS,
    onFailure: (err) => log.warn({ err }, 'a change: what went wrong beside its outcome'),
    observe: ({ tool, outcome, durationMs }) =>
      metrics?.observeChange({ tool, outcome: metricOutcome(outcome), durationMs }),
  });
  const upkeep = new ChangeUpkeep({
    sweep: (signal) => engine.sweep(signal),
    retain: () => endOldChanges(database),
    onRetention: (rows) => log.info({ rows }, 'old rows of the ledger of changes cleared or deleted'),
    database,
    monotonic: () => performance.now(),
    isReached: parts.isReached,
    random: Math.random,
    onUnfinished: (unfinished) => metrics?.setUnfinishedChanges(unfinished),
    onBackgroundError: (err) => log.warn({ err }, 'upkeep of changes'),
  });
  return {
    engine,
    upkeep,
    forPeople: changesForPeople({
      database,
      ledger,
      settle: (tenantId, changeId, outcome) => engine.settle(tenantId, changeId, outcome),
      storesNow: async (tenantId) => (await storeRows.current(tenantId)).entries,
    }),
    async close() {
      await upkeep.stop();
      await engine.idle();
    },
  };
}

function mayUse(
  { tools, toolsets = [] }: Pick<Catalogue, 'tools' | 'toolsets'>,
  { scope, role }: Principal,
  wanted: string,
): boolean {
  const scoped = tools.map(({ name, toolset = DEFAULT_TOOLSET, annotations }) => ({
    name,
    toolset,
    readOnly: annotations?.readOnlyHint === true,
  }));
  const allowed = effectiveTools(scope, role, NO_NARROWING, { toolsets, tools: scoped });
  return allowed.some(({ name }) => name === wanted);
}

const ENDED: ReadonlySet<string> = new Set<ChangeMetricOutcome>([
  'applied',
  'partly',
  'failed',
  'unknown',
  'unchanged',
  'replayed',
]);

const isOutcome = (outcome: string): outcome is ChangeMetricOutcome => ENDED.has(outcome);

/** What is none of the outcomes is the code of an error. */
const metricOutcome = (outcome: ChangeEvent['outcome']): ChangeMetricOutcome =>
  isOutcome(outcome) ? outcome : 'refused';
