/** How faults look on the wire: the late, cut, endless and missing answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply, WireFault } from './reply.js';

export function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

export function spoil(
  fault: WireFault,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
): void {
  switch (fault.kind) {
    case 'delay': {
      const timer = setTimeout(() => send(response, reply), fault.ms);
      response.once('close', () => clearTimeout(timer));
      return;
    }
    case 'hang':
    case 'hang_after':
      return;
    case 'reset':
    case 'reset_after':
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
    case 'huge':
      sendHuge(response, fault.bytes);
  }
}

const DEFAULT_HUGE_BYTES = 20 * 1024 * 1024;

/** Writes a JSON object of about `bytes` bytes, no faster than it is read. */
function sendHuge(response: ServerResponse, bytes: number = DEFAULT_HUGE_BYTES): void {
  const chunk = 'x'.repeat(64 * 1024);
  let left = bytes;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', more);
        return;
      }
    }
    response.end('"}');
  };
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.write('{"status":"success","padding":"');
  more();
}
