/** The HTTP side: hands requests to the service or the administration and writes what these answer. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { ADMIN_PATH, type Admin } from './admin.js';
import type { Counting } from './counters.js';
import type { Latency } from './latency.js';
import type { Service } from './service.js';
import { send, spoil } from './spoil.js';

export interface ServerParts {
  readonly service: Service;
  readonly counting: Counting;
  readonly latency: Latency;
  /** Without it its paths are unknown, as on Order Desk. */
  readonly admin?: Admin;
}

const TIMEOUTS = { keepAliveTimeout: 30_000, headersTimeout: 10_000, requestTimeout: 30_000 };

export function createSandboxServer({ service, counting, latency, admin }: ServerParts): Server {
  return createServer({ ...TIMEOUTS, noDelay: true }, (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    if (admin !== undefined && url.startsWith(ADMIN_PATH)) {
      readBody(request, (body) => send(response, admin({ method, url, headers, body })));
      return;
    }
    const store = service.storeOf(headers);
    if (store !== undefined) response.once('close', counting.underWay(store));
    readBody(request, (body) =>
      latency.onArrival(() => {
        const reply = service.answer({ method, url, headers, ...(body === '' ? {} : { body }) });
        latency.onAnswer(() => {
          if (response.destroyed) return;
          if (reply.fault === undefined) send(response, reply);
          else spoil(reply.fault, request, response, reply);
        });
      }),
    );
  });
}

function readBody(request: IncomingMessage, then: (body: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => then(Buffer.concat(chunks).toString('utf8')));
}
