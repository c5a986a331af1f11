/** What is answered when the bytes on a connection are no HTTP request, so that no route and no request id exist. */
import type { Socket } from 'node:net';
import type { ErrorCode } from '../errors.js';

interface Answer {
  readonly status: string;
  readonly message: string;
}

const ANSWERS: ReadonlyMap<string, Answer> = new Map([
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { status: '408 Request Timeout', message: 'The request did not arrive in time.' },
  ],
  [
    'HPE_HEADER_OVERFLOW',
    {
      status: '431 Request Header Fields Too Large',
      message: 'The headers are larger than the server accepts.',
    },
  ],
]);
const MALFORMED: Answer = { status: '400 Bad Request', message: 'The request is not valid HTTP.' };

const CODE: ErrorCode = 'invalid_request';

export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, message } = ANSWERS.get(error.code ?? '') ?? MALFORMED;
  const body = JSON.stringify({ error: { code: CODE, message } });
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
}
