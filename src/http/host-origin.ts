/**
 * Host and Origin checks of `/mcp`, and of what is open without a token: a web page that points a name of its own at
 * this address (DNS rebinding), or posts across origins, is refused before anything is read.
 */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { countHeader } from './header-count.js';

export interface HostOriginPolicy {
  /** Host names served, lower case, without port; `[::1]` form for IPv6. */
  readonly hostNames: ReadonlySet<string>;
  /** Allowed values of `Origin`, such as `https://console.example.com`. */
  readonly origins: ReadonlySet<string>;
  /** Whether pages served from this machine may call, on any port. For development. */
  readonly loopbackOrigins: boolean;
}

export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export function hostOriginCheck(policy: HostOriginPolicy): (request: FastifyRequest) => Promise<void> {
  const loopback = new Set(LOOPBACK_NAMES);
  return async ({ headers, raw }) => {
    if (countHeader(raw, 'host') > 1) throw new AppError('invalid_request', 'Send exactly one Host header.');
    if (!policy.hostNames.has(hostName(headers.host ?? ''))) {
      throw new AppError('host_not_allowed', undefined, {
        hint: 'The operator sets the public name as PUBLIC_URL.',
      });
    }
    const { origin } = headers;
    if (origin === undefined || policy.origins.has(origin)) return;
    if (policy.loopbackOrigins && loopback.has(hostNameOf(origin))) return;
    throw new AppError('origin_not_allowed', undefined, {
      hint: 'The operator lists web origins that may connect in ALLOWED_ORIGINS.',
    });
  };
}

/** `name:port` or `[v6]:port`, the port optional, and nothing around them. */
const HOST = /^([^:@/?#[\]]+|\[[\da-f:.]+\])(?::\d*)?$/i;

/** The name in a Host header, in lower case; empty for what is none. */
const hostName = (host: string): string => HOST.exec(host)?.[1]?.toLowerCase() ?? '';

function hostNameOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : '';
}
