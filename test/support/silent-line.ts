/** A line between a client and a server that can go silent: nothing arrives any more on what is open, and nothing ends it. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface SilentLine {
  readonly port: number;
  /** Connections that were made through it, up to now. */
  readonly made: () => number;
  /** For good, for the connections that are open now: as when a host loses power and another takes its address. */
  goSilent(): void;
  close(): Promise<void>;
}

export async function startSilentLine(serverPort: number): Promise<SilentLine> {
  const sockets = new Set<Socket>();
  const pairs: (readonly [Socket, Socket])[] = [];
  let made = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)));
    return socket;
  };
  const line = createServer({ allowHalfOpen: true }, (client) => {
    made += 1;
    const server = keep(connect(serverPort, '127.0.0.1'));
    pairs.push([keep(client), server]);
    client.pipe(server);
    server.pipe(client);
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const address = line.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    made: () => made,
    goSilent() {
      for (const [client, server] of pairs.splice(0)) {
        client.unpipe(server);
        server.unpipe(client);
        // Read on: a client whose bytes are no longer taken would notice that.
        client.resume();
        server.resume();
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      line.close();
      await once(line, 'close');
    },
  };
}
