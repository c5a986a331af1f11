/** Giving the port up: who has connected by then is served, who comes later is refused. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { watchAcceptQueue } from '../../../src/http/accept-queue.js';
import { stopListening } from '../../../src/http/drain.js';

async function listening() {
  const server = createServer((_request, response) => void response.end('served'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const open = (): Socket => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  /** Blocks until the kernel has made so many connections that the server has not taken over. */
  const untilWaiting = (connections: number): void => {
    const queue = watchAcceptQueue(port);
    const until = performance.now() + 5_000;
    while ((queue?.waiting() ?? 0) < connections) {
      if (performance.now() > until) throw new Error('The kernel does not make the connections.');
    }
    queue?.close();
  };
  return { server, open, untilWaiting };
}

async function answerOn(socket: Socket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = await once(socket, 'data');
  return String(answer);
}

it('loses none of the connections that wait to be taken over, and keeps idle ones', async () => {
  const { server, open, untilWaiting } = await listening();
  const idle = open();
  await once(idle, 'connect');
  expect(await answerOn(idle)).toContain('served');
  const waiting = Array.from({ length: 20 }, open);
  // Sockets connect in the next tick. Then the kernel accepts them, while the server does not run.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  untilWaiting(waiting.length);
  await stopListening(server);
  await Promise.all(waiting.map((socket) => (socket.connecting ? once(socket, 'connect') : undefined)));
  for (const socket of [...waiting, idle]) expect(await answerOn(socket)).toContain('served');
  const [refused] = await once(open(), 'error');
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
});
