/** Connections that ask for nothing must not hold a shutdown up, and those that ask too slowly only for their time. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { adminSocketPath, readConfig } from '../../../src/app/read-config.js';
import { serveOperations } from '../../../src/app.js';
import { callAdminSocket } from '../../../src/storage/admin-socket.js';
import { callTool } from '../../support/call-tool.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '621', apiKey: 'sandbox-key-621', name: 'Only store', timeZone: 'UTC', seed: 6 };

/** A connection on which the bytes have arrived. */
async function connected(server: TestServer, bytes: string): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (bytes !== '') await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  return socket;
}

const headOf = (key: string): string =>
  [
    'POST /mcp HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    'Content-Length: 100',
    'Expect: 100-continue',
    '',
    '',
  ].join('\r\n');

describe('closing the server', () => {
  it('closes connections that never sent a request, or half a head, at once', async () => {
    const server = await startTestServer({ stores: [STORE], env: { MCP_SHUTDOWN_GRACE: '300' } });
    const sockets = await Promise.all(
      [
        '',
        'POST /mcp HTTP/1.1\r\nHost: local',
        'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea',
      ].map((bytes) => connected(server, bytes)),
    );
    // An answer after them shows that the server has seen them all.
    await callTool(server.url, 'none', 'list_stores');
    const closed = Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
    await server.close();
    await closed;
  });

  it('gives a request that is still arriving its time of grace, then cuts it off', async () => {
    const server = await startTestServer({ stores: [STORE], env: { MCP_SHUTDOWN_GRACE: '0' } });
    const { key } = await server.addTenant('only', STORE.id);
    const socket = await connected(server, headOf(key));
    // The interim answer shows that the request is being read.
    const [interim] = await once(socket, 'data');
    expect(String(interim)).toMatch(/^HTTP\/1.1 100 /);
    const cut = once(socket, 'close');
    await server.close();
    await cut;
  });
});

describe("closing the command line's socket", () => {
  it('waits for the operations that run and for no silent connection', async () => {
    const config = readConfig({ NODE_ENV: 'test', DATA_DIR: await temporaryFolder() });
    const server = await startTestServer({ stores: [STORE] });
    onTestFinished(() => server.close());
    const socket = await serveOperations(config, server.server.operations);
    const silent = connect(adminSocketPath(config));
    onTestFinished(() => {
      silent.destroy();
    });
    await once(silent, 'connect');
    const made = callAdminSocket(adminSocketPath(config), 'createTenant', { name: 'last' });
    await expect(made).resolves.toMatchObject({ name: 'last' });
    await socket.close();
    await expect(callAdminSocket(adminSocketPath(config), 'listTenants', {})).rejects.toThrow();
  });
});
