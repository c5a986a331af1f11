/** An HTTP proxy on loopback that makes tunnels, or refuses to, and tells what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface ConnectProxy {
  /** Without user and password. */
  readonly url: URL;
  /** `CONNECT host:port`, or the line of what should not have come here. */
  readonly asked: readonly { readonly line: string; readonly headers: IncomingHttpHeaders }[];
  /** Every byte that went through tunnels from the client. */
  readonly carried: () => string;
  /** Connections to it and on from it that are open now. */
  readonly connections: () => number;
  close(): Promise<void>;
}

export interface ConnectProxyOptions {
  /** Answered to every CONNECT in place of a tunnel; 0 answers nothing. */
  readonly refuseWith?: number;
  /** Ends the tunnel when this many bytes came back through it. */
  readonly cutAfter?: number;
}

export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: { line: string; headers: IncomingHttpHeaders }[] = [];
  const sockets = new Set<Socket>();
  let carried = '';
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)));
    return socket;
  };
  const server = createServer((request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    response.writeHead(400).end();
  });
  server.on('connection', keep);
  server.on('connect', ({ url = '', headers }, client: Socket, head: Buffer) => {
    asked.push({ line: `CONNECT ${url}`, headers });
    if (options.refuseWith === 0) {
      // Read on, or its end would go unnoticed.
      client.on('end', () => client.destroy()).resume();
      return;
    }
    if (options.refuseWith !== undefined) {
      client.end(`HTTP/1.1 ${options.refuseWith} No\r\nContent-Length: 6\r\n\r\nrefuse`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const target = keep(connect(Number(port === '' ? 80 : port), hostname.replace(/^\[|\]$/g, '')));
    target.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) target.write(head);
    });
    client.on('data', (chunk: Buffer) => {
      carried += chunk.toString('latin1');
      target.write(chunk);
    });
    let back = 0;
    target.on('data', (chunk: Buffer) => {
      back += chunk.length;
      if (options.cutAfter !== undefined && back >= options.cutAfter) client.destroy();
      else client.write(chunk);
    });
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    asked,
    carried: () => carried,
    connections: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
