/** Giving the port up: who has connected by then is served, who comes later is refused. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
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
  return { server, open };
}

async function answerOn(socket: Socket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = await once(socket, 'data');
  return String(answer);
}

it('loses none of the connections that wait to be taken over, and keeps idle ones', async () => {
  const { server, open } = await listening();
  const idle = open();
  await once(idle, 'connect');
  expect(await answerOn(idle)).toContain('served');
  // The kernel has accepted them; the server has not run since.
  const waiting = Array.from({ length: 20 }, open);
  await stopListening(server);
  await Promise.all(waiting.map((socket) => (socket.connecting ? once(socket, 'connect') : undefined)));
  for (const socket of [...waiting, idle]) expect(await answerOn(socket)).toContain('served');
  const [refused] = await once(open(), 'error');
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
});
