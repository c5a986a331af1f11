/** Servers that show a certificate of `certificate.ts`, whose authority nobody knows who was not told of it. */
import { chownSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { redisServer } from '../services/debian.js';
import {
  freePort,
  serverFolder,
  startServerProcess,
  unprivileged,
  untilReady,
} from '../services/server-process.js';
import type { TestCertificate } from './certificate.js';

/** Paths of the certificate with its chain, its key and its authority, readable for the account of the servers alone. */
export interface CertificateFiles {
  readonly chain: string;
  readonly key: string;
  readonly ca: string;
}

/** Writes them into a server's folder, which is removed with the server. */
export function writeCertificate(folder: string, certificate: TestCertificate): CertificateFiles {
  const account = unprivileged();
  const write = (name: keyof CertificateFiles): string => {
    const path = join(folder, `${name}.pem`);
    writeFileSync(path, certificate[name], { mode: 0o600 });
    if (account !== undefined) chownSync(path, account.uid, account.gid);
    return path;
  };
  return { chain: write('chain'), key: write('key'), ca: write('ca') };
}

/** TLS before a plain server on loopback, until the test has finished. @returns its port */
export async function startTlsFront(target: URL, { chain, key }: TestCertificate): Promise<number> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)));
  };
  const front = createServer({ cert: chain, key }, (client) => {
    const behind = connect(Number(target.port), target.hostname);
    keep(client);
    keep(behind);
    client.pipe(behind).pipe(client);
  });
  // Who does not believe the certificate ends the connection in the middle of its making.
  front.on('connection', keep);
  front.on('tlsClientError', (_error, client) => client.destroy());
  const port = await freePort();
  await new Promise<void>((resolve) => front.listen(port, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => front.close(resolve));
  });
  return port;
}

export interface TlsRedis {
  /** `rediss://`, by a name of the certificate. */
  readonly url: string;
  /** One command as somebody who knows the authority. */
  command(name: string, ...args: readonly string[]): Promise<unknown>;
}

/** A Redis that speaks nothing but TLS, until the test has finished. @throws ServiceMissing */
export async function startTlsRedis(certificate: TestCertificate): Promise<TlsRedis> {
  const folder = serverFolder('redis-tls');
  const { chain, key, ca } = writeCertificate(folder, certificate);
  const port = await freePort();
  const server = await startServerProcess({
    command: [
      redisServer(),
      ...['--port', '0', '--tls-port', `${port}`, '--bind', '127.0.0.1', '--dir', folder],
      ...['--tls-cert-file', chain, '--tls-key-file', key, '--tls-ca-cert-file', ca],
      ...['--tls-auth-clients', 'no', '--save', '', '--appendonly', 'no'],
    ],
    folder,
    endSignal: 'KILL',
  });
  onTestFinished(() => server.stop());
  const url = `rediss://localhost:${port}`;
  const command: TlsRedis['command'] = async (name, ...args) => {
    const redis = new Redis(url, {
      tls: { ca: certificate.ca },
      lazyConnect: true,
      retryStrategy: () => null,
    });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  };
  await untilReady(server, () => command('PING'));
  return { url, command };
}
