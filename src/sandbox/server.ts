/** The HTTP side: hands requests to the service and writes its replies, spoiled where a fault says so. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Fault, sendHuge } from './faults.js';
import type { Reply, Service } from './service.js';

export function createSandboxServer(service: Service): Server {
  return createServer(
    { keepAliveTimeout: 30_000, headersTimeout: 10_000, requestTimeout: 30_000, noDelay: true },
    (request, response) => {
      const { method = 'GET', url = '/', headers } = request;
      const reply = service({ method, url, headers });
      if (reply.fault === undefined) send(response, reply);
      else spoil(reply.fault, request, response, reply);
    },
  );
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

function spoil(fault: Fault, request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  switch (fault.kind) {
    case 'delay': {
      const timer = setTimeout(() => send(response, reply), fault.ms);
      response.once('close', () => clearTimeout(timer));
      return;
    }
    case 'hang':
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'truncated': {
      const bytes = Buffer.from(reply.body);
      response.writeHead(reply.status, { ...reply.headers, 'Content-Length': bytes.length });
      response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
      return;
    }
    case 'malformed':
      send(response, { ...reply, body: reply.body.slice(0, -1) });
      return;
    case 'html': {
      const body = '<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';
      send(response, { status: fault.status ?? 502, headers: { 'Content-Type': 'text/html' }, body });
      return;
    }
    case 'huge':
      sendHuge(response, fault.bytes);
      return;
    case 'status':
    case 'error200':
      send(response, reply);
  }
}
