/** Where the edge and the tools report what was refused. */
import type { Kid, TenantId } from '../ids.js';

export const REFUSAL_REASONS = [
  'malformed',
  'unknown_key',
  'wrong_secret',
  'revoked',
  'expired',
  'tenant_suspended',
  'unreadable_scope',
  'unknown_pepper',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export type RefusedAct =
  | {
      readonly kind: 'key_refused';
      /** An IPv4 address, or the /64 of an IPv6 address. */
      readonly address: string;
      readonly reason: RefusalReason;
    }
  | {
      readonly kind: 'scope_violated';
      readonly tenantId: TenantId;
      readonly kid: Kid;
      readonly what: 'tool' | 'toolset';
      /** Of something that exists; never free text of the client. */
      readonly name: string;
    };

export interface AuditLog {
  /** Counts the act; it is written with others after the minute has ended. Never throws, never waits. */
  record(act: RefusedAct): void;
}
