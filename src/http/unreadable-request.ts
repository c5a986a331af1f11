/** What is answered when the bytes on a connection are no HTTP request, so that no route and no request id exist. */
import type { Socket } from 'node:net';
import { AppError } from '../errors.js';

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

/** What was answered. Of the bytes themselves nothing is told: they may be anything. */
export interface UnreadableEvent {
  readonly status: number;
  readonly failure: AppError;
}

const ANSWERS: ReadonlyMap<string, Answer> = new Map([
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { status: 408, reason: 'Request Timeout', message: 'The request did not arrive in time.' },
  ],
  [
    'HPE_HEADER_OVERFLOW',
    {
      status: 431,
      reason: 'Request Header Fields Too Large',
      message: 'The headers are larger than the server accepts.',
    },
  ],
]);
const MALFORMED: Answer = { status: 400, reason: 'Bad Request', message: 'The request is not valid HTTP.' };

/** Milliseconds and bytes that what follows may take; nginx passes a body of 1 MiB on at once. */
const LINGER_MS = 3_000;
const LINGER_BYTES = 2 * 1024 * 1024;

/** @param observe told of each that was answered */
export function refuseUnreadable(observe: (event: UnreadableEvent) => void) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    if (!socket.writable) {
      socket.destroy(error);
      return;
    }
    const { status, reason, message } = ANSWERS.get(error.code ?? '') ?? MALFORMED;
    const failure = new AppError('invalid_request', message);
    const body = JSON.stringify({ error: { code: failure.code, message } });
    socket.end(
      `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
    observe({ status, failure });
    readToItsEnd(socket);
  };
}

/**
 * Closing with bytes unread would reset the connection. A proxy takes that for a replica that has failed, and any stranger
 * could make it think so of all of them.
 */
function readToItsEnd(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  let left = LINGER_BYTES;
  // The parser would call each further piece unreadable. Listening anew takes the bytes away from it.
  socket.removeAllListeners('data');
  socket.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) socket.destroy();
  });
  socket.once('end', () => socket.destroySoon());
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
}
