/**
 * Connections through an HTTP proxy. Each is asked of the proxy by CONNECT, for an upstream without TLS too: so the proxy
 * sees a host and a port, never a request with its key. All this happens before a connection is there: what fails here
 * was not sent.
 */
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { buildConnector, errors } from 'undici';
import type { Secret } from '../tenancy/secret.js';

const KEEP_ALIVE_AFTER_MS = 60_000;

export interface Tunnel {
  /** `http://` or `https://`, with user and password if any. */
  readonly proxy: Secret;
  /** Where the connections are to end. */
  readonly target: URL;
  /** For the proxy's answer, and once more for TLS with the target; in milliseconds. */
  readonly timeoutMs: number;
  /** Ends what is still being asked of the proxy. */
  readonly closing: AbortSignal;
}

/** The proxy did not make the connection. Says how, never where the proxy is or what was said to it. */
export class ProxyFailed extends Error {
  override readonly name = 'ProxyFailed';
  readonly code: string;

  constructor(words: string, code: string) {
    super(words);
    this.code = code;
  }
}

/** What a pool of undici takes for `connect`. */
export function tunnelConnector(tunnel: Tunnel): buildConnector.connector {
  const secured = buildConnector({ timeout: tunnel.timeoutMs });
  return (options, done) => {
    askProxy(tunnel).then(
      (socket) =>
        options.protocol === 'https:'
          ? secured({ ...options, httpSocket: socket }, done)
          : done(null, socket),
      (failure: Error) => done(failure, null),
    );
  };
}

/** @throws ProxyFailed; ConnectTimeoutError */
function askProxy({ proxy, target, timeoutMs, closing }: Tunnel): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const address = new URL(proxy.reveal());
    const authority = `${target.hostname}:${target.port || (target.protocol === 'https:' ? 443 : 80)}`;
    const request = (address.protocol === 'https:' ? requestSecure : requestPlain)({
      ...placeOf(address),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...authorization(address) },
      agent: false,
      signal: closing,
    });
    const tooLong = setTimeout(() => {
      request.destroy(new errors.ConnectTimeoutError('The proxy took too long.'));
    }, timeoutMs);
    const settled = (): void => clearTimeout(tooLong);
    request.on('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      settled();
      if (statusCode < 200 || statusCode > 299) {
        socket.on('error', () => undefined).destroy();
        reject(new ProxyFailed(`The proxy answered HTTP ${statusCode}.`, `PROXY_HTTP_${statusCode}`));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS).setNoDelay(true);
      resolve(socket);
    });
    // Not a tunnel: a server that knows no CONNECT answers it like a GET.
    request.on('response', (answer) => {
      settled();
      answer.destroy();
      reject(new ProxyFailed('What was taken for a proxy is none.', 'PROXY_NONE'));
    });
    request.on('error', (thrown) => {
      settled();
      reject(asFailure(thrown));
    });
    request.end();
  });
}

function placeOf({ protocol, hostname, port }: URL) {
  const host = hostname.replace(/^\[|\]$/g, '');
  const isSecure = protocol === 'https:';
  return {
    host,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    ...(isSecure && isIP(host) === 0 ? { servername: host } : {}),
  };
}

function authorization({ username, password }: URL): Record<string, string> {
  // Some proxies take a token for the password, and no user.
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** The error itself may hold bytes of the proxy and its address. */
function asFailure(thrown: Error): Error {
  if (thrown instanceof errors.ConnectTimeoutError) return thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'PROXY_FAILED';
  return new ProxyFailed(`The proxy cannot be used (${code}).`, code);
}
