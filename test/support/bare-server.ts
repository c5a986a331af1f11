/** The product's HTTP edge and protocol leg around any catalogue, without key, database or Order Desk. */
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { mcpRoute } from '../../src/http/mcp-route.js';
import { createHttpServer } from '../../src/http/server.js';
import type { ToolCallEvent } from '../../src/mcp/call-tool.js';
import type { Catalogue } from '../../src/mcp/catalogue.js';
import { createSdkLeg } from '../../src/mcp/sdk-leg.js';
import type { Authenticator, Principal } from '../../src/tenancy/principal.js';

export const anybody: Authenticator = {
  authenticate: async () =>
    ({
      tenantId: '00000000-0000-7000-8000-000000000001',
      keyId: '00000000-0000-7000-8000-000000000002',
      kid: 'anybody000',
      keyName: 'anybody',
      role: 'agent',
      scope: { stores: 'all' },
    }) as Principal,
};

export interface BareServer {
  readonly url: string;
  readonly events: readonly ToolCallEvent[];
  /** What the protocol layer would have logged. */
  readonly faults: readonly { readonly message: string; readonly requestId: string }[];
  close(): Promise<void>;
}

export async function startBareServer(
  catalogue: Catalogue,
  options: { readonly deadlineMs?: number } = {},
): Promise<BareServer> {
  const events: ToolCallEvent[] = [];
  const faults: { message: string; requestId: string }[] = [];
  const app = createHttpServer({
    logger: pino({ level: 'silent' }),
    trustProxy: [],
    observeRequest: () => {},
    isDraining: () => false,
  });
  const leg = createSdkLeg({
    catalogue,
    deadlineMs: options.deadlineMs ?? 10_000,
    observe: (event) => events.push(event),
    onError: ({ message }, requestId) => faults.push({ message, requestId }),
  });
  await app.register(
    mcpRoute({
      leg,
      authenticator: anybody,
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
  return { url: `http://localhost:${port}/mcp`, events, faults, close: () => app.close() };
}
