/**
 * Requests that are refused before their body was read. Closing then would reset the connection, and a proxy counts that
 * as a replica that failed: a stranger could have all replicas left out.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BareEdge, startBareEdge } from '../../support/bare-edge.js';

let edge: BareEdge;
beforeAll(async () => {
  edge = await startBareEdge();
});
afterAll(() => edge.close());

const MB = 1024 * 1024;

async function open() {
  // What the server says is heard before the body is sent, and it is sent though the server has said its last.
  const socket = connect({ port: edge.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  const seen = { answer: '', error: '' };
  socket.on('data', (chunk) => {
    seen.answer += chunk;
  });
  socket.on('error', ({ message }) => {
    seen.error = message;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  return { socket, seen, closed };
}

/** In pieces: after a reset the second cannot be written. */
async function sendBody(socket: Socket): Promise<void> {
  const piece = Buffer.alloc(MB / 16, 'x');
  for (let sent = 0; sent < MB; sent += piece.length) {
    await new Promise((written) => socket.write(piece, written));
  }
}

const head = (requestLine: string, ...lines: readonly string[]) =>
  [requestLine, 'Host: localhost', ...lines, `Content-Length: ${MB}`, '', ''].join('\r\n');

describe('a head that is no HTTP, with a body behind it', () => {
  it.each([
    ['an unknown method', head('FOO /mcp HTTP/1.1'), 400],
    ['a control character', head('POST /mcp HTTP/1.1', 'X: \u0001'), 400],
    ['20 kB of headers', head('POST /mcp HTTP/1.1', `X: ${'x'.repeat(20_000)}`), 431],
  ])('for %s is answered once, and its connection ends in order', async (_what, text, status) => {
    const before = edge.unreadable;
    const { socket, seen, closed } = await open();
    socket.write(text);
    await once(socket, 'end');
    await sendBody(socket);
    socket.end();
    await closed;
    expect(seen.error).toBe('');
    expect(seen.answer.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
    expect(edge.unreadable).toBe(before + 1);
  });

  it('is not read for ever: neither much of it', async () => {
    const { socket, seen, closed } = await open();
    const more = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(MB)));
    };
    socket.on('drain', more);
    socket.write(head('FOO /mcp HTTP/1.1'));
    more();
    await closed;
    expect(seen.error).toMatch(/ECONNRESET|EPIPE/);
    expect(socket.bytesWritten).toBeLessThan(64 * MB);
  });

  it('nor for long', async () => {
    const { socket, closed } = await open();
    const began = performance.now();
    socket.write(head('FOO /mcp HTTP/1.1'));
    await once(socket, 'end');
    const trickle = setInterval(() => socket.write('x'), 50);
    await closed;
    clearInterval(trickle);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

/** A connection that has been used: the server knows it. */
async function known() {
  const opened = await open();
  const first = once(opened.socket, 'data');
  opened.socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await first;
  return opened;
}

describe('an early refusal of a request with a large body', () => {
  it.each([false, true])('reaches the client whole; draining: %s', async (draining) => {
    const { socket, seen, closed } = await known();
    edge.isDraining = draining;
    const first = once(socket, 'data');
    socket.write(head('POST /nothing HTTP/1.1'));
    await first;
    await sendBody(socket);
    socket.write('GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await once(socket, 'end');
    socket.end();
    await closed;
    edge.isDraining = false;
    expect(seen.error).toBe('');
    expect(seen.answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 404']);
  });

  it('ends its connection while draining if the body has come', async () => {
    const { socket, seen, closed } = await known();
    expect(seen.answer).not.toMatch(/^connection: close\r$/im);
    edge.isDraining = true;
    socket.write('POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}');
    await once(socket, 'end');
    socket.end();
    await closed;
    edge.isDraining = false;
    expect(seen.answer).toMatch(/^connection: close\r$/im);
  });
});
