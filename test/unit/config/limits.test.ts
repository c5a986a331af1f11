import { describe, expect, it } from 'vitest';
import { failure, load, PRODUCTION, variablesIn } from './load.js';

describe('the limits on inbound calls', () => {
  it('have defaults, which are the same in development and production', () => {
    expect(load(PRODUCTION).limits).toEqual({
      key: { burst: 40, perSecond: 10 },
      address: { burst: 20, perSecond: 10 / 60 },
      tenant: { concurrency: 16, queue: 32, waitMs: 5_000 },
      pressure: { maxDelayMs: 1_000, maxUtilization: 0.98 },
    });
    expect(load({}).limits).toEqual(load(PRODUCTION).limits);
  });

  it('are read in their units', () => {
    const { limits } = load({
      MCP_LIMIT_KEY_RATE: '2.5',
      MCP_LIMIT_KEY_BURST: '100',
      MCP_LIMIT_TENANT_WAIT: '0.5',
      MCP_LIMIT_ADDRESS_FAILURES_RATE: '30',
      MCP_LIMIT_EVENT_LOOP_DELAY: '0.2',
      MCP_LIMIT_EVENT_LOOP_UTILIZATION: '1',
    });
    expect(limits).toMatchObject({
      key: { burst: 100, perSecond: 2.5 },
      tenant: { waitMs: 500 },
      address: { perSecond: 0.5 },
      pressure: { maxDelayMs: 200, maxUtilization: 1 },
    });
  });

  it.each([
    // An array of messages may hold ten.
    ['MCP_LIMIT_KEY_BURST', '9'],
    ['MCP_LIMIT_KEY_RATE', '0'],
    ['MCP_LIMIT_TENANT_CONCURRENCY', '0'],
    ['MCP_LIMIT_ADDRESS_FAILURES_BURST', '0'],
    ['MCP_LIMIT_EVENT_LOOP_UTILIZATION', '98'],
  ])('refuse %s=%s', (name, value) => {
    expect(variablesIn(failure({ [name]: value }))).toEqual([name]);
  });
});
