/** The connections to Order Desk's host: one pool, whether the way there is direct or through a proxy. */
import { Pool } from 'undici';
import type { Secret } from '../tenancy/secret.js';
import { tunnelConnector } from './tunnel.js';

/** All times in milliseconds. */
export interface ConnectionLimits {
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** From the last byte of a request to the reply's headers. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of a body. */
  readonly bodyTimeoutMs: number;
  readonly keepAliveMs: number;
}

export interface Connections {
  readonly pool: Pool;
  /** Ends all of them, with what is under way. */
  destroy(): Promise<void>;
}

export function openConnections(
  baseUrl: URL,
  limits: ConnectionLimits,
  proxy: Secret | undefined,
): Connections {
  const closing = new AbortController();
  const timeoutMs = limits.connectTimeoutMs;
  const pool = new Pool(baseUrl.origin, {
    connections: limits.connections,
    pipelining: 1,
    connect:
      proxy === undefined
        ? { timeout: timeoutMs }
        : tunnelConnector({ proxy, target: baseUrl, timeoutMs, closing: closing.signal }),
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    keepAliveMaxTimeout: limits.keepAliveMs,
  });
  return {
    pool,
    async destroy() {
      closing.abort();
      await pool.destroy();
    },
  };
}
