/** Limits on inbound calls for tests: so wide that nothing meets them, unless a test narrows one. */
import { type InboundLimitSettings, InboundLimits } from '../../src/limits/inbound.js';
import { createMemoryLimiter } from '../../src/limits/memory.js';
import type { Limiter } from '../../src/limits/port.js';
import type { InboundLimit, LimitOutcome } from '../../src/telemetry/port.js';

const WIDE: InboundLimitSettings = {
  key: { burst: 1_000_000, perSecond: 1_000_000 },
  address: { burst: 1_000_000, perSecond: 1_000_000 },
  tenant: { concurrency: 1_000, queue: 1_000, waitMs: 10_000 },
};

export interface TestLimits {
  readonly limits: InboundLimits;
  /** `limit outcome` in the order in which they were decided. */
  readonly decisions: string[];
}

export function testLimits(
  settings: Partial<InboundLimitSettings> = {},
  options: { readonly now?: () => number; readonly limiter?: Limiter } = {},
): TestLimits {
  const now = options.now ?? (() => performance.now());
  const decisions: string[] = [];
  const limits = new InboundLimits({
    limiter: options.limiter ?? createMemoryLimiter({ now }),
    settings: { ...WIDE, ...settings },
    hashAddress: (network) => `hash-of-${network}`,
    now,
    observe: (limit: InboundLimit, outcome: LimitOutcome) => decisions.push(`${limit} ${outcome}`),
  });
  return { limits, decisions };
}
