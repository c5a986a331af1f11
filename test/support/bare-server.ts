/** The product's HTTP edge and protocol leg around any catalogue, without key, database or Order Desk. */
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { AppError } from '../../src/errors.js';
import { mcpRoute } from '../../src/http/mcp-route.js';
import { createHttpServer } from '../../src/http/server.js';
import type { InboundLimits } from '../../src/limits/inbound.js';
import type { ToolCallEvent } from '../../src/mcp/call-tool.js';
import type { Catalogue } from '../../src/mcp/catalogue.js';
import type { ScopeViolation } from '../../src/mcp/request-server.js';
import { createSdkLeg } from '../../src/mcp/sdk-leg.js';
import { createWaits } from '../../src/telemetry/waits.js';
import type { Authenticator, Principal } from '../../src/tenancy/principal.js';
import type { StoreDirectory } from '../../src/tenancy/stores.js';
import { testLimits } from './limits.js';
import { EVERYTHING } from './scopes.js';

export const anybody: Pick<Authenticator, 'authenticate'> = {
  authenticate: async () =>
    ({
      tenantId: '00000000-0000-7000-8000-000000000001',
      keyId: '00000000-0000-7000-8000-000000000002',
      kid: 'anybody000',
      keyName: 'anybody',
      role: 'agent',
      scope: EVERYTHING,
    }) as Principal,
};

const noStores: Pick<StoreDirectory, 'resolve'> = {
  resolve: async () => {
    throw new AppError('unknown_store');
  },
};

export interface BareServer {
  readonly url: string;
  readonly events: readonly ToolCallEvent[];
  readonly violations: readonly ScopeViolation[];
  /** What the protocol layer would have logged. */
  readonly faults: readonly { readonly message: string; readonly requestId: string }[];
  close(): Promise<void>;
}

export async function startBareServer(
  catalogue: Catalogue,
  options: {
    readonly deadlineMs?: number;
    readonly draining?: AbortSignal;
    readonly authenticator?: Pick<Authenticator, 'authenticate'> & Partial<Authenticator>;
    readonly limits?: InboundLimits;
    readonly shed?: () => Promise<void>;
    readonly directory?: Pick<StoreDirectory, 'resolve'>;
  } = {},
): Promise<BareServer> {
  const events: ToolCallEvent[] = [];
  const violations: ScopeViolation[] = [];
  const faults: { message: string; requestId: string }[] = [];
  const app = createHttpServer({
    logger: pino({ level: 'silent' }),
    trustProxy: [],
    observeRequest: () => {},
    observeUnreadable: () => {},
    waits: createWaits(),
    isDraining: () => false,
  });
  const leg = createSdkLeg({
    catalogue,
    deadlineMs: options.deadlineMs ?? 10_000,
    scanDeadlineMs: 20_000,
    draining: options.draining ?? new AbortController().signal,
    observe: (event) => events.push(event),
    onScopeViolation: (violation) => violations.push(violation),
    onError: ({ message }, requestId) => faults.push({ message, requestId }),
  });
  await app.register(
    mcpRoute({
      leg,
      authenticator: { hasProof: () => true, ...(options.authenticator ?? anybody) },
      limits: options.limits ?? testLimits().limits,
      shed: options.shed ?? (async () => {}),
      directory: options.directory ?? noStores,
      hostOrigin: {
        hostNames: new Set(['localhost', '127.0.0.1']),
        origins: new Set(),
        loopbackOrigins: true,
      },
      onAuthAttempt: () => {},
    }),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://localhost:${port}/mcp`, events, violations, faults, close: () => app.close() };
}
