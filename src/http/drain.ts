/**
 * Connections while the server goes down. Fastify closes those that have answered and wait for more; left to it, one
 * that was busy then would stay open for its keep-alive time, and one that has not sent a whole request head for ever.
 * Each would hold the shutdown up, so the first is closed with its last answer and the second at once.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

export function closeConnectionsWhile(isDraining: () => boolean, app: FastifyInstance): void {
  /** Requests not answered yet, for every open connection. */
  const open = new Map<Socket, number>();
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
    for (const [socket, requests] of open) if (requests === 0) socket.destroy();
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isDraining()) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request) => {
    if (isDraining()) request.raw.socket.end();
  });
}
