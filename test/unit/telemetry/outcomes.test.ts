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
  });

  it('do not blame Order Desk for what never reached it', () => {
    expect(upstreamOutcome('store_busy')).toBe('not_sent');
    expect(upstreamOutcome('internal')).toBe('not_sent');
    expect(upstreamOutcome('shutting_down')).toBe('cancelled');
  });

  it("count one tenant's load and a slow store as ours no more than their owners would", () => {
    expect(toolOutcome(new AppError('too_many_calls'))).toBe('client');
    expect(new AppError('too_many_calls').class.http).toBe(429);
    expect(toolOutcome(new AppError('store_busy'))).toBe('upstream');
    expect(toolOutcome(new AppError('overloaded'))).toBe('server');
  });
});
