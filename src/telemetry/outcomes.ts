/** Failures as the closed label sets of the metrics. */
import type { AppError, ErrorCode } from '../errors.js';
import type { AuthOutcome, Outcome, UpstreamOutcome } from './port.js';

const UPSTREAM: Partial<Record<ErrorCode, UpstreamOutcome>> = {
  // An answer that there is nothing is an answer.
  not_found: 'ok',
  upstream_rejected: 'rejected',
  upstream_credentials_refused: 'credentials_refused',
  upstream_rate_limited: 'rate_limited',
  upstream_timeout: 'timeout',
  upstream_malformed: 'malformed',
  cancelled: 'cancelled',
};

export const upstreamOutcome = (outcome: 'ok' | ErrorCode): UpstreamOutcome =>
  outcome === 'ok' ? 'ok' : (UPSTREAM[outcome] ?? 'unavailable');

export const toolOutcome = (error: AppError | undefined): Outcome => error?.class.source ?? 'ok';

export function authOutcome(error: AppError | undefined): AuthOutcome {
  if (error === undefined) return 'accepted';
  if (error.code === 'overloaded') return 'overloaded';
  return error.code === 'unauthorized' ? 'refused' : 'unavailable';
}
