/**
 * Connections while the server goes down. Every connection that was open is ended with its next answer to a whole request,
 * so that clients and proxies make another elsewhere. Whoever makes one here all the same, while the port is still taken,
 * keeps it until the port is given up: ended likewise, it would be made anew for each request, and each would have to be
 * taken over from the kernel by a process that has work to finish.
 *
 * What is left when the server closes would hold it up: Fastify closes connections that have answered and wait for more;
 * one that was busy then would stay open for its keep-alive time, and one that has not sent a whole request head for ever.
 * So the first is closed with its last answer and the second at once.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { watchAcceptQueue } from './accept-queue.js';

export function closeConnectionsWhile(isDraining: () => boolean, app: FastifyInstance): void {
  /** Requests not answered yet, for every open connection. */
  const open = new Map<Socket, number>();
  /** Made while the server was draining and the port not given up yet. */
  const late = new WeakSet<Socket>();
  let isClosing = false;
  const count = (socket: Socket, by: number) => {
    const requests = open.get(socket);
    if (requests !== undefined) open.set(socket, requests + by);
  };
  app.server.on('connection', (socket: Socket) => {
    open.set(socket, 0);
    if (isDraining()) late.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  app.addHook('preClose', async () => {
    isClosing = true;
    // What has arrived on them is read, and counted, in the poll phase between the two: that of this turn may be over.
    await endOfTurn();
    await endOfTurn();
    for (const [socket, requests] of open) if (requests === 0) socket.destroy();
  });
  app.addHook('onSend', async ({ raw }, reply) => {
    if (!isDraining() || (late.has(raw.socket) && app.server.listening)) return;
    // A refusal may come before the body, and closing on bytes unread would reset the connection. What is on its way is
    // given this turn; else Node reads it in passing, and the connection ends with its next answer, or with the others.
    if (!raw.complete) await endOfTurn();
    if (raw.complete) reply.header('connection', 'close');
    else if (reply.raw.hasHeader('connection')) reply.raw.removeHeader('connection');
  });
  app.addHook('onResponse', async (request) => {
    // Not before: the head of this answer may have promised, before all this began, that one more request can be sent.
    if (isClosing) request.raw.socket.end();
  });
}

/** Milliseconds after which the port is given up in any case. */
const GIVE_UP_MS = 5_000;
/** Turns before that at the least: what has run before takes microseconds, and what those are is known then. */
const WARM_UP_TURNS = 50;
/** Milliseconds below which a look took no time, however quick others were. */
const NO_TIME_MS = 0.02;
/** Where the system does not tell: a turn that takes longer, in milliseconds, leaves time for somebody to connect. */
const QUIET_TURN_MS = 1;

/**
 * Gives the port up and keeps the connections. Those that the kernel has accepted and we have not would be reset, with a
 * request on them that no proxy may send again. Each turn of the event loop takes over one of them at most, so the port is
 * closed in the moment in which none is seen to wait; and right after a look that took no longer than it has to, since
 * somebody may connect while a process that has looked waits for its processor.
 */
export async function stopListening(server: NetServer): Promise<void> {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : undefined;
  const queue = port === undefined ? undefined : watchAcceptQueue(port);
  let connected = 0;
  const count = () => {
    connected += 1;
  };
  server.on('connection', count);
  let quickest = Number.POSITIVE_INFINITY;
  const begunAt = performance.now();
  // From the end of one turn to that of the next there is a whole poll phase; from here to the first there may be none.
  await endOfTurn();
  for (let turn = 1; performance.now() - begunAt < GIVE_UP_MS; turn += 1) {
    const [before, turnedAt] = [connected, performance.now()];
    await endOfTurn();
    const lookedAt = performance.now();
    const isQuiet = connected === before && lookedAt - turnedAt < QUIET_TURN_MS;
    const isEmpty = queue === undefined ? isQuiet : queue.waiting() === 0;
    const took = performance.now() - lookedAt;
    if (isEmpty && turn > WARM_UP_TURNS && took < Math.max(2 * quickest, NO_TIME_MS)) break;
    quickest = Math.min(quickest, took);
  }
  // That of HTTP servers would end idle connections as well, and a request may be on its way on one of them.
  NetServer.prototype.close.call(server);
  server.off('connection', count);
  queue?.close();
}
