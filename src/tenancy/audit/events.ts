/**
 * The audit trail: who did what to whose keys, tenants, stores and secrets, and when. It is written and read, never
 * changed: the database lets no role update it, and lets retention alone delete what is 400 days old.
 *
 * - An event is written in the transaction of the change that it tells of: there is neither without the other.
 * - Events hold ids, counts and times. No secret, no name, nothing of customers: the trail outlives its tenant. The one text
 *   in them is the operator's own reason for settling a change.
 * - What anybody can cause without limit (refused keys, tools outside a scope) is counted in memory by the minute,
 *   so that an attack costs a bounded number of rows.
 *
 * Must not import: `http/`, `mcp/`, any adapter of storage.
 */
import type { Tx } from '../../storage/port.js';
import { type Clock, type Kid, newId, type RandomBytes, type StoreRowId, type TenantId } from '../ids.js';

/** By a command or a console of the operator, by the server itself, or by who holds the key. */
export type Actor = 'operator' | 'server' | `key:${Kid}`;

export const TENANT_ACTIONS = [
  'tenant.created',
  'tenant.renamed',
  'tenant.suspended',
  'tenant.resumed',
  'tenant.limits_changed',
  'tenant.deleted',
  'tenant.purged',
  'key.created',
  'key.rotated',
  'key.renamed',
  'key.expiry_changed',
  'key.revoked',
  'store.added',
  'store.credential_changed',
  'store.verified',
  'store.updated',
  'store.removed',
  'store.folder_configured',
  'change.settled',
  'scope.violated',
] as const;

export const INSTALLATION_ACTIONS = ['data_keys.rewrapped', 'ring_key.retired', 'pepper.retired'] as const;

type Subject =
  | `tenant:${TenantId}`
  | `key:${Kid}`
  | `store:${StoreRowId}`
  | `change:${string}`
  | `tool:${string}`
  | `toolset:${string}`
  | `ring_key:${string}`
  | `pepper:${string}`;

export interface NewEvent<Action extends string> {
  readonly action: Action;
  readonly subject: Subject;
  /** `done` unless given. */
  readonly outcome?: 'done' | 'refused';
  /** Ids, numbers and times. */
  readonly detail?: Readonly<Record<string, string | number | null>>;
}

export type TenantEvent = NewEvent<(typeof TENANT_ACTIONS)[number]>;
export type InstallationEvent = NewEvent<(typeof INSTALLATION_ACTIONS)[number]>;

/** Writes events into a transaction that is open already. */
export interface EventWriter {
  /** @param tx of the tenant itself */
  ofTenant(tx: Tx, tenantId: TenantId, event: TenantEvent): Promise<void>;
  /** @param tx of a job that may write them: `rewrap` */
  ofInstallation(tx: Tx, event: InstallationEvent): Promise<void>;
}

export interface EventWriterDeps {
  readonly actor: Actor;
  readonly now: Clock;
  readonly random: RandomBytes;
}

export function eventWriter({ actor, now, random }: EventWriterDeps): EventWriter {
  const common = ({ action, subject, outcome, detail }: NewEvent<string>) =>
    [
      newId(now, random),
      new Date(now()),
      actor,
      action,
      subject,
      outcome ?? 'done',
      JSON.stringify(detail ?? {}),
    ] as const;
  return {
    async ofTenant(tx, tenantId, event) {
      await tx.run(INSERT_TENANT_EVENT, [...common(event), tenantId]);
    },
    async ofInstallation(tx, event) {
      await tx.run(INSERT_OPERATOR_EVENT, common(event));
    },
  };
}

const INSERT_TENANT_EVENT = `insert into audit_events
    (event_id, occurred_at, actor, action, subject, outcome, detail, tenant_id)
  values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8)`;
const INSERT_OPERATOR_EVENT = `insert into operator_events
    (event_id, occurred_at, actor, action, subject, outcome, detail)
  values ($1, $2, $3, $4, $5, $6, $7::jsonb)`;
