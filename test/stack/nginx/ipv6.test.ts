/** Clients on IPv6. Needs `::1` on this machine. */
import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { makeCertificate } from '../../support/stack/certificate.js';
import { startNginx } from '../../support/stack/nginx.js';
import { good, startStandIn } from '../../support/stack/stand-in.js';

it('are served on both ports, under their own address', async () => {
  const certificate = makeCertificate();
  const replica = await startStandIn(good);
  const nginx = await startNginx({ replicaPorts: [replica.port], certificate, ipv6: true });
  try {
    const plain = await fetch(`http://[::1]:${nginx.plainPort}/health`, { redirect: 'manual' });
    expect(plain.status).toBe(308);
    const socket = connect({ host: '::1', port: nginx.port, servername: 'localhost', ca: certificate.ca });
    socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    expect(replica.requests.at(-1)?.headers['x-forwarded-for']).toBe('::1');
    socket.destroy();
  } finally {
    await nginx.stop();
    await replica.close();
  }
});
