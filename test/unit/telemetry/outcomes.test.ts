import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { authOutcome, toolOutcome, upstreamOutcome } from '../../../src/telemetry/outcomes.js';

describe('outcomes as labels', () => {
  it('say by whose making a tool call failed', () => {
    expect(toolOutcome(undefined)).toBe('ok');
    expect(toolOutcome(new AppError('invalid_argument'))).toBe('client');
    expect(toolOutcome(new AppError('upstream_timeout'))).toBe('upstream');
    expect(toolOutcome(new AppError('internal'))).toBe('server');
  });

  it('tell a refused key from one that could not be verified', () => {
    expect(authOutcome(undefined)).toBe('accepted');
    expect(authOutcome(new AppError('unauthorized'))).toBe('refused');
    expect(authOutcome(new AppError('overloaded'))).toBe('overloaded');
    expect(authOutcome(new AppError('storage_unavailable'))).toBe('unavailable');
  });

  it('count an answer that there is nothing as an answer', () => {
    expect(upstreamOutcome('not_found')).toBe('ok');
    expect(upstreamOutcome('upstream_rate_limited')).toBe('rate_limited');
    expect(upstreamOutcome('upstream_unavailable')).toBe('unavailable');
    expect(upstreamOutcome('internal')).toBe('unavailable');
  });
});
