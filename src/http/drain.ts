/**
 * Connections while the server goes down. Fastify closes those that are idle when closing starts; one that was busy
 * then would stay open for its keep-alive time and hold the shutdown up, so each is closed with its last answer.
 */
import type { FastifyInstance } from 'fastify';

export function closeConnectionsWhile(isDraining: () => boolean, app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    if (isDraining()) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request) => {
    if (isDraining()) request.raw.socket.end();
  });
}
