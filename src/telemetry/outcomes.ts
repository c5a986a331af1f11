/** Failures as the closed label sets of the metrics. */
import type { AppError, ErrorCode } from '../errors.js';
import type { AuthOutcome, Outcome, UpstreamOutcome } from './port.js';

/** Every code, so that a new one has to be thought about here. */
const UPSTREAM: Readonly<Record<ErrorCode, UpstreamOutcome>> = {
  // An answer that there is nothing is an answer.
  not_found: 'ok',
  upstream_rejected: 'rejected',
  upstream_credentials_refused: 'credentials_refused',
  upstream_rate_limited: 'rate_limited',
  upstream_unavailable: 'unavailable',
  upstream_timeout: 'timeout',
  upstream_malformed: 'malformed',
  cancelled: 'cancelled',
  shutting_down: 'cancelled',
  // Refused here, or a fault of ours: Order Desk has no part in it.
  malformed_json: 'not_sent',
  invalid_encoding: 'not_sent',
  invalid_request: 'not_sent',
  payload_too_large: 'not_sent',
  unsupported_media_type: 'not_sent',
  not_acceptable: 'not_sent',
  method_not_allowed: 'not_sent',
  route_not_found: 'not_sent',
  host_not_allowed: 'not_sent',
  origin_not_allowed: 'not_sent',
  unauthorized: 'not_sent',
  rate_limited: 'not_sent',
  too_many_calls: 'not_sent',
  overloaded: 'not_sent',
  unknown_tool: 'not_sent',
  invalid_argument: 'not_sent',
  invalid_cursor: 'not_sent',
  unknown_store: 'not_sent',
  unknown_folder: 'not_sent',
  forbidden: 'not_sent',
  conflict: 'not_sent',
  version_conflict: 'not_sent',
  in_progress: 'not_sent',
  confirmation_required: 'not_sent',
  write_cap_reached: 'not_sent',
  cannot_undo: 'not_sent',
  rate_budget_exhausted: 'not_sent',
  store_busy: 'not_sent',
  storage_unavailable: 'not_sent',
  internal: 'not_sent',
};

export const upstreamOutcome = (outcome: 'ok' | ErrorCode): UpstreamOutcome =>
  outcome === 'ok' ? 'ok' : UPSTREAM[outcome];

export const toolOutcome = (error: AppError | undefined): Outcome => error?.class.source ?? 'ok';

export function authOutcome(error: AppError | undefined): AuthOutcome {
  if (error === undefined) return 'accepted';
  if (error.code === 'overloaded') return 'overloaded';
  return error.code === 'unauthorized' ? 'refused' : 'unavailable';
}
