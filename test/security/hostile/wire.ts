/** Requests as an attacker writes them, byte by byte, and what comes back with what is random in it taken out. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { crc32 } from 'node:zlib';
import { randomBase62, toBase62 } from '../../../src/tenancy/keys/base62.js';
import { legacy } from '../../support/mcp-messages.js';

/** No limit of this server is met by a test that sends much. */
export const WIDE_LIMITS = {
  MCP_LIMIT_ADDRESS_FAILURES_BURST: '10000',
  MCP_LIMIT_ADDRESS_FAILURES_RATE: '1000',
  MCP_LIMIT_KEY_BURST: '10000',
  MCP_LIMIT_KEY_RATE: '1000',
} as const;

export const LIST_TOOLS = legacy('tools/list');

/** A well-formed key that opens nothing. */
export function forgedKey({
  kid = randomBase62(10, randomBytes),
  secret = randomBase62(32, randomBytes),
} = {}): string {
  const body = `odm_${kid}_${secret}`;
  return body + toBase62(crc32(body), 6);
}

export interface WireAnswer {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  /** The whole answer: status line, headers, body. */
  readonly text: string;
}

/** Sends header lines as they stand, in Latin-1, and reads until the server closes the connection. */
export async function sendLines(
  url: string,
  lines: readonly string[],
  body: string | Buffer = JSON.stringify(LIST_TOOLS.body),
  requestLine = 'POST /mcp HTTP/1.1',
): Promise<WireAnswer> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  const usual = Object.entries(LIST_TOOLS.headers).map(([name, value]) => `${name}: ${value}`);
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const head = [requestLine, 'Host: localhost', 'Connection: close', ...usual, ...lines, length];
  socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'));
  socket.write(body);
  const chunks: Buffer[] = [];
  // A server that closes with bytes unread resets the connection; what it said before counts.
  socket.on('error', () => {});
  socket.on('data', (chunk) => chunks.push(chunk));
  await new Promise((closed) => socket.once('close', closed));
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: Number(text.split(' ')[1] ?? 0), text };
}

/** An answer without what is new in each: the request id and the date. */
export const comparable = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'request-id')
    .replace(/^date: .*$/im, 'date: now');
