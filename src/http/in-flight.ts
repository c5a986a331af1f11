/** How many requests are being answered. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** @returns the number of requests that have come and are not answered yet; an open stream counts as long as it is open */
export function countInFlight(server: Server): () => number {
  let inFlight = 0;
  server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
    });
  });
  return () => inFlight;
}
