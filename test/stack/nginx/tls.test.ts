/** What nginx says before a request is read: protocols, the certificate, and the way from plain HTTP to it. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../support/stack/certificate.js';
import { httpsClient } from '../../support/stack/https-request.js';
import { type Nginx, startNginx } from '../../support/stack/nginx.js';
import { NGINX_FOLDER } from '../../support/stack/nginx-files.js';
import { good, type StandIn, startStandIn } from '../../support/stack/stand-in.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const certificate = makeCertificate();
let replica: StandIn;
let nginx: Nginx;
beforeAll(async () => {
  replica = await startStandIn(good);
  nginx = await startNginx({ replicaPorts: [replica.port], certificate });
});
afterAll(async () => {
  await nginx?.stop();
  await replica?.close();
});

describe('a handshake', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is made with %s', async (version) => {
    expect(await handshake({ minVersion: version, maxVersion: version })).toMatchObject({ version });
  });

  it('is refused with TLS 1.1 by nginx itself', async () => {
    // The lowest level of security of our own side, which would not offer that version otherwise.
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
    await expect(handshake(old)).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
  });

  it.each(['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384'])(
    'is refused with %s alone',
    async (ciphers) => {
      const weak = { maxVersion: 'TLSv1.2', ciphers: `${ciphers}@SECLEVEL=0` } as const;
      await expect(handshake(weak)).rejects.toMatchObject({ code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' });
    },
  );

  it('settles on HTTP/2 where the client can, and on HTTP/1.1 where it cannot', async () => {
    expect(await handshake({ ALPNProtocols: ['h2', 'http/1.1'] })).toMatchObject({ protocol: 'h2' });
    expect(await handshake({ ALPNProtocols: ['http/1.1'] })).toMatchObject({ protocol: 'http/1.1' });
  });
});

describe('a request', () => {
  it('over HTTP/2 reaches a replica with the host that was asked for', async () => {
    const session = connectHttp2(nginx.url, { ca: certificate.ca });
    const stream = session.request({ ':path': '/mcp', ':method': 'POST' });
    stream.end('{}');
    const [headers] = await once(stream, 'response');
    session.destroy();
    expect(headers[':status']).toBe(200);
    expect(replica.requests.at(-1)?.headers.host).toBe(`localhost:${nginx.port}`);
  });

  it('in the clear is sent on to TLS with its method', async () => {
    const answer = await fetch(`http://localhost:${nginx.plainPort}/mcp?readonly=true`, {
      method: 'POST',
      redirect: 'manual',
    });
    expect(answer.status).toBe(308);
    expect(answer.headers.get('location')).toBe('https://localhost/mcp?readonly=true');
    expect(answer.headers.get('strict-transport-security')).toBeNull();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('in the clear for the answer to a certificate authority gets it', async () => {
    const folder = join(nginx.folder, 'acme/.well-known/acme-challenge');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'some-token'), 'some-answer');
    const answer = await fetch(`http://localhost:${nginx.plainPort}/.well-known/acme-challenge/some-token`);
    expect(await answer.text()).toBe('some-answer');
  });
});

describe('the certificate', () => {
  it('is another one after a reload', async () => {
    const renewed = makeCertificate('renewed.example.com');
    await nginx.setCertificate(renewed);
    await expect(handshake({})).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' });
    expect(await httpsClient(nginx.port, renewed).send({ path: '/health' })).toMatchObject({ status: 200 });
  });

  it('of the script for a trial is taken, and names what it was made for', async () => {
    const folder = await temporaryFolder();
    const script = join(NGINX_FOLDER, 'make-self-signed.sh');
    execFileSync(script, ['localhost', folder], { stdio: 'pipe' });
    const chain = readFileSync(join(folder, 'fullchain.pem'), 'utf8');
    const trial = { ca: chain, chain, key: readFileSync(join(folder, 'privkey.pem'), 'utf8') };
    await nginx.setCertificate(trial);
    expect(await httpsClient(nginx.port, trial).send({ path: '/health' })).toMatchObject({ status: 200 });
    expect(() => execFileSync(script, ['localhost', folder], { stdio: 'pipe' })).toThrow(
      'move it away first',
    );
    expect(() => execFileSync(script, ['not a name', folder], { stdio: 'pipe' })).toThrow('not a host name');
  });
});

async function handshake(options: ConnectionOptions) {
  const socket = connect({
    port: nginx.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: certificate.ca,
    ...options,
  });
  await once(socket, 'secureConnect');
  const outcome = { version: socket.getProtocol(), protocol: socket.alpnProtocol };
  socket.destroy();
  return outcome;
}
