/** The instant in which idle connections are ended: a request that has arrived by then is answered. */
import { once } from 'node:events';
import { readFile } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createHttpServer } from '../../../src/http/server.js';
import { createWaits } from '../../../src/telemetry/waits.js';

async function serving() {
  const app = createHttpServer({
    logger: pino({ level: 'silent' }),
    trustProxy: [],
    observeRequest: () => {},
    observeUnreadable: () => {},
    waits: createWaits(),
    isDraining: () => true,
  });
  app.get('/', async () => 'served');
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const open = async () => {
    const accepted = once(app.server, 'connection');
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await Promise.all([once(socket, 'connect'), accepted]);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    const answered = once(socket, 'close').then(
      () => answer,
      ({ code }: NodeJS.ErrnoException) => `lost: ${code}`,
    );
    return { socket, answered };
  };
  return { app, open };
}

/** Runs in the part of the event loop that reads sockets: what arrives now is not read in this turn any more. */
const whileSocketsAreRead = () =>
  new Promise<void>((resolve) => readFile(fileURLToPath(import.meta.url), () => resolve()));

it('serves what arrives on connections that were idle until then, and ends each with its answer', async () => {
  const { app, open } = await serving();
  const connections = [await open(), await open(), await open(), await open()];
  const idle = await open();
  await whileSocketsAreRead();
  for (const { socket } of connections) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const closed = app.close();
  for (const { answered } of connections) {
    expect(await answered).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nserved$/);
  }
  expect(await idle.answered).toBe('');
  await closed;
});
