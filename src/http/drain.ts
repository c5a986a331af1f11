/**
 * Connections while the server goes down. Every answer to a whole request ends its connection, so that clients and proxies make their next
 * one elsewhere. What is then left when the server closes would hold it up: Fastify closes connections that have answered
 * and wait for more; one that was busy then would stay open for its keep-alive time, and one that has not sent a whole
 * request head for ever. So the first is closed with its last answer and the second at once.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

export function closeConnectionsWhile(isDraining: () => boolean, app: FastifyInstance): void {
  /** Requests not answered yet, for every open connection. */
  const open = new Map<Socket, number>();
  let isClosing = false;
  const count = (socket: Socket, by: number) => {
    const requests = open.get(socket);
    if (requests !== undefined) open.set(socket, requests + by);
  };
  app.server.on('connection', (socket: Socket) => {
    open.set(socket, 0);
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
    if (!isDraining()) return;
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
/** A turn that takes longer, in milliseconds, had other things to do: somebody may have connected meanwhile. */
const QUIET_TURN_MS = 1;

/**
 * Gives the port up and keeps the connections. Those that the kernel has accepted and we have not would be reset, with a
 * request on them that no proxy may send again. Each poll phase of the event loop takes over one of them, so the port is
 * closed right after one that found none: the callbacks of `setImmediate` are what comes next.
 */
export async function stopListening(server: NetServer): Promise<void> {
  let connected = 0;
  const count = () => {
    connected += 1;
  };
  server.on('connection', count);
  // From the end of one turn to that of the next there is a whole poll phase; from here to the first there may be none.
  await endOfTurn();
  const begunAt = performance.now();
  for (let now = begunAt; now - begunAt < GIVE_UP_MS; ) {
    const [before, startedAt] = [connected, now];
    await endOfTurn();
    now = performance.now();
    if (connected === before && now - startedAt < QUIET_TURN_MS) break;
  }
  server.off('connection', count);
  // That of HTTP servers would end idle connections as well, and a request may be on its way on one of them.
  NetServer.prototype.close.call(server);
}
