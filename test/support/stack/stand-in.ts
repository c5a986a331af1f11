/** In a replica's place: a plain HTTP server that does as it is told and remembers what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';

export interface StandIn {
  readonly port: number;
  /** In the order of arrival. */
  readonly requests: readonly IncomingMessage[];
  close(): Promise<void>;
}

/**
 * @param answer is called when the whole request has arrived
 * @param port any free one unless given
 */
export async function startStandIn(answer: RequestListener, port = 0): Promise<StandIn> {
  const requests: IncomingMessage[] = [];
  const server = createServer((incoming, reply) => {
    requests.push(incoming);
    incoming.resume().once('end', () => answer(incoming, reply));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers everything with 200 and a word. */
export const good: RequestListener = (_request, reply) => {
  reply.end('good');
};
