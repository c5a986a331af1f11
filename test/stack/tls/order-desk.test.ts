/** Order Desk with a certificate of a private authority, directly and through a proxy, as an operator meets it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startSandbox } from '../../../src/sandbox/index.js';
import { startConnectProxy } from '../../support/connect-proxy.js';
import { replicaEnv } from '../../support/replica-env.js';
import { runCommand } from '../../support/running-program.js';
import { createMigratedDatabase } from '../../support/services/index.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { startTlsFront } from '../../support/stack/own-ca.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const STORE = { id: '10001', apiKey: 'made-up-key-10001', name: 'First', timeZone: 'UTC', orderCount: 3 };
const PASSWORD = 'made-up-password';

it('is reached with the authority in NODE_EXTRA_CA_CERTS alone, and through the proxy but for NO_PROXY', async () => {
  const certificate = makeCertificate();
  const sandbox = await startSandbox({ stores: [STORE] });
  onTestFinished(() => sandbox.close());
  const proxy = await startConnectProxy();
  onTestFinished(() => proxy.close());
  const port = await startTlsFront(new URL(sandbox.url), certificate);
  const folder = await temporaryFolder();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, certificate.ca);

  const host = `localhost:${port}`;
  const plain = { NODE_ENV: 'test', ORDERDESK_API_URL: `https://${host}/api/v2` };
  const proxied = {
    ...plain,
    NODE_EXTRA_CA_CERTS: ca,
    HTTPS_PROXY: `http://operator:${PASSWORD}@${proxy.url.host}`,
  };
  const dataDir = join(folder, 'data');
  const doctor = (env: NodeJS.ProcessEnv) => runCommand(['doctor'], { dataDir, env });
  const unbelieved = await doctor(plain);
  expect(unbelieved.code).toBe(1);
  expect(unbelieved.stdout).toMatch(/refused +Order Desk .*\(\w*(CERT|VERIFY)\w*\).*NODE_EXTRA_CA_CERTS/);

  const excepted = await doctor({ ...proxied, no_proxy: 'localhost' });
  expect(excepted, excepted.stdout).toMatchObject({ code: 0 });
  expect(excepted.stdout).toContain(`${host} answers (HTTP `);
  expect(proxy.asked).toEqual([]);

  const through = await doctor(proxied);
  expect(through, through.stdout).toMatchObject({ code: 0 });
  expect(through.stdout).toContain(`${host} answers through the proxy (HTTP `);
  expect(proxy.asked.map(({ line }) => line)).toEqual([`CONNECT ${host}`]);

  const database = await createMigratedDatabase();
  onTestFinished(() => database.drop());
  const env = { ...replicaEnv(database.serviceUrl, ''), ...proxied };
  const run = (args: string[], input = '') => runCommand(args, { dataDir, env, input });
  await run(['tenant', 'create', 'shop']);
  const added = await run(['store', 'add', '--tenant', 'shop', '--id', STORE.id], `${STORE.apiKey}\n`);
  expect(added, added.stderr).toMatchObject({ code: 0 });
  expect(proxy.asked.length).toBeGreaterThan(1);
  expect(proxy.carried()).not.toContain(STORE.apiKey);
  for (const { stdout, stderr } of [through, added]) {
    expect(stdout + stderr).not.toContain(PASSWORD);
  }
});
