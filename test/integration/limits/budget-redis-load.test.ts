/** Two replicas in real time, with as many calls at once as one bucket lets go only little by little. */
import { expect, it, onTestFinished } from 'vitest';
import { createRedisBudget } from '../../../src/limits/budget/redis.js';
import { createRateBudget } from '../../../src/orderdesk/rate-budget.js';
import { shareRedis } from '../../../src/redis/shared-redis.js';
import type { StoreRowId, TenantId } from '../../../src/tenancy/ids.js';
import { connectPatiently } from '../../support/patient-redis.js';
import { emptyRedis } from '../../support/services/index.js';

it('two replicas with forty calls send no more than the bucket grants', async () => {
  const { url } = await emptyRedis();
  const departures: number[] = [];
  const limits = { capacity: 18, perSecond: 50 };
  const sends = await Promise.all(
    [1, 2].map(async () => {
      const redis = await connectPatiently(url);
      const shared = shareRedis({ redis });
      onTestFinished(() => {
        shared.close();
        redis.disconnect();
      });
      const budget = createRedisBudget({ shared, share: 1 / 2, limits });
      return createRateBudget({
        budget,
        perSecond: limits.perSecond,
        places: 100,
        maxWaitMs: 20_000,
        observe: () => {},
        onForeignUse: () => {},
      })(async ({ onDeparture }) => {
        onDeparture?.();
        departures.push(performance.now());
        return { body: {}, tookMs: 0, tokensRemaining: undefined };
      });
    }),
  );
  const call = {
    method: 'GET',
    route: '/orders',
    account: { kind: 'kept', store: STORE },
  } as const;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => sends[i % 2]?.({ ...call, signal: new AbortController().signal })),
  );
  expect(departures).toHaveLength(40);
  // Five at the start and fifty a second: the last of forty leaves after seven tenths of a second.
  expect(Math.max(...departures) - startedAt).toBeGreaterThanOrEqual(690);
});

const STORE = {
  rowId: 'row-1' as StoreRowId,
  tenantId: 'tenant-1' as TenantId,
  name: 'Store',
  orderDeskId: '20001',
  isDefault: true,
  verifiedAt: new Date('2026-01-01T00:00:00Z'),
  refusedAt: null,
  lastContactAt: null,
  folderNotes: {},
  folderStates: {},
};
