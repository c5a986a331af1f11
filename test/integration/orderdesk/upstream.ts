/** A server that answers as each test wants, and tells what it was asked and which connections ended. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { CallEvent, UpstreamCall } from '../../../src/orderdesk/call.js';
import {
  type ClientOptions,
  createOrderDeskClient,
  type OrderDeskClient,
} from '../../../src/orderdesk/client.js';
import { Secret } from '../../../src/tenancy/secret.js';
import type { CredentialSource } from '../../../src/tenancy/stores.js';

export const API_KEY = 'unmistakable-api-key-5f1c';
export const PATH = '/api/v2';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** As much as has arrived. */
  readonly body: string;
}

export interface Upstream {
  readonly url: URL;
  readonly asked: readonly Asked[];
  /** How many answers ended with their connection, before they were complete. */
  readonly cutOff: number;
  /** Connections that are open now. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

export async function startUpstream(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Upstream> {
  const asked: Asked[] = [];
  let cutOff = 0;
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const entry = { method, url, headers, body: '' };
    asked.push(entry);
    request.on('data', (chunk: Buffer) => {
      entry.body += chunk.toString();
    });
    response.on('error', () => undefined);
    response.on('close', () => {
      if (!response.writableFinished) cutOff += 1;
    });
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: new URL(`http://127.0.0.1:${port}${PATH}`),
    asked,
    get cutOff() {
      return cutOff;
    },
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface ClientUnderTest extends OrderDeskClient {
  readonly events: readonly CallEvent[];
  /** GET with an offered credential. */
  get(call?: Partial<UpstreamCall>): ReturnType<OrderDeskClient['send']>;
}

export function clientFor(
  baseUrl: URL,
  options: Partial<Pick<ClientOptions, 'limits' | 'credentials' | 'turn' | 'now'>> & { apiKey?: string } = {},
): ClientUnderTest {
  const events: CallEvent[] = [];
  const unused: CredentialSource = {
    credential: async () => {
      throw new Error('No kept credential is part of this test.');
    },
    markContact: async () => {},
  };
  const client = createOrderDeskClient({
    baseUrl,
    version: '1.2.3',
    credentials: options.credentials ?? unused,
    observe: (event) => events.push(event),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.turn === undefined ? {} : { turn: options.turn }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  const apiKey = new Secret(options.apiKey ?? API_KEY);
  return {
    ...client,
    events,
    get: (call = {}) =>
      client.send({
        method: 'GET',
        route: '/orders',
        account: { kind: 'offered', storeId: '11', apiKey },
        signal: new AbortController().signal,
        ...call,
      }),
  };
}
