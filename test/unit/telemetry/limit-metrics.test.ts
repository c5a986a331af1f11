import { afterEach, describe, expect, it } from 'vitest';
import { AppError, ERROR_TABLE, type ErrorCode } from '../../../src/errors.js';
import { createMetrics, type MetricsRegistry } from '../../../src/telemetry/metrics.js';

let metrics: MetricsRegistry | undefined;
afterEach(() => metrics?.close());
const open = (): MetricsRegistry => {
  metrics = createMetrics({ tools: [], version: '0' });
  return metrics;
};

describe('the metrics of limits', () => {
  it('count decisions by limit and outcome', async () => {
    const m = open();
    m.countLimit('key', 'refused');
    m.countLimit('key', 'refused');
    m.countLimit('tenant', 'queued');
    m.countLimit('pressure', 'refused');
    const text = await m.text();
    expect(text).toContain('inbound_limits_total{limit="key",outcome="refused"} 2\n');
    expect(text).toContain('inbound_limits_total{limit="tenant",outcome="queued"} 1\n');
    expect(text).toContain('inbound_limits_total{limit="pressure",outcome="refused"} 1\n');
  });

  it('show one mode at a time', async () => {
    const m = open();
    for (const [mode, other] of [
      ['shared', 'local'],
      ['local', 'shared'],
    ] as const) {
      m.setLimiterMode(mode);
      const text = await m.text();
      expect(text).toContain(`rate_limiter_mode{mode="${mode}"} 1\n`);
      expect(text).toContain(`rate_limiter_mode{mode="${other}"} 0\n`);
    }
  });
});

describe('errors', () => {
  it('are counted by code and by whose making they were, as the error table says', async () => {
    const m = open();
    const codes = Object.keys(ERROR_TABLE) as ErrorCode[];
    for (const code of codes) m.countError(new AppError(code));
    const text = await m.text();
    for (const code of codes) {
      expect(text).toContain(`errors_total{type="${ERROR_TABLE[code].source}",code="${code}"} 1\n`);
    }
  });
});

describe('active tenants', () => {
  it('are shown as a number, never by name', async () => {
    const m = open();
    m.noteTenant('01900000-0000-7000-8000-00000000000a');
    m.noteTenant('01900000-0000-7000-8000-00000000000b');
    const text = await m.text();
    expect(text).toContain('active_tenants 2\n');
    expect(text).not.toContain('01900000');
  });
});
