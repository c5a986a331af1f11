/** The server's HTTP edge on a port of loopback, without anything behind it: every address but `/health` is unknown. */
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createHttpServer } from '../../src/http/server.js';
import { createWaits } from '../../src/telemetry/waits.js';

export interface BareEdge {
  readonly port: number;
  /** May be set at any time. */
  isDraining: boolean;
  /** Answers so far to what was no HTTP request. */
  readonly unreadable: number;
  close(): Promise<void>;
}

export async function startBareEdge(): Promise<BareEdge> {
  const state = { isDraining: false, unreadable: 0 };
  const app = createHttpServer({
    logger: pino({ level: 'silent' }),
    trustProxy: [],
    observeRequest: () => {},
    observeUnreadable: () => {
      state.unreadable += 1;
    },
    waits: createWaits(),
    isDraining: () => state.isDraining,
  });
  app.get('/health', async () => 'well');
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return Object.assign(state, { port, close: async () => app.close() });
}
