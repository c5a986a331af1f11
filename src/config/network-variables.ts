/** The variables of the group Network: where the server listens, whom it believes, and how it gets out. */
import * as kinds from './kinds.js';
import { noProxy, proxyUrl } from './proxies.js';
import type { Profile, Variable } from './variables.js';

const EVERYWHERE: readonly Profile[] = ['development', 'staging', 'production'];
const DEPLOYED: readonly Profile[] = ['staging', 'production'];

/** Only the way to Order Desk can go through a proxy: Postgres and Redis are no HTTP. */
const proxy = (scheme: 'http' | 'https') =>
  ({
    ...kinds.optional(proxyUrl),
    group: 'Network',
    description: `The HTTP proxy through which Order Desk is called where ORDERDESK_API_URL is an ${scheme} address; the proxy gets to see host and port, no request. Postgres and Redis are reached without it.`,
    example: 'http://proxy.example.com:3128',
    secret: true,
    lowerCaseToo: true,
  }) as const;

export const NETWORK_VARIABLES = {
  PORT: {
    ...kinds.integer(0, 65535),
    group: 'Network',
    description: 'The TCP port to listen on. 0 takes any free one.',
    default: '3000',
    shownIn: EVERYWHERE,
  },
  MCP_HOST: {
    ...kinds.listenAddress,
    group: 'Network',
    description:
      'The address to listen on. Anything but a loopback address is reachable from other machines. localhost is read as 127.0.0.1.',
    default: '127.0.0.1',
    defaultIn: { production: '0.0.0.0' },
    safety: true,
    shownIn: EVERYWHERE,
  },
  PUBLIC_URL: {
    ...kinds.optional(kinds.publicUrl),
    group: 'Network',
    description: 'The address at which clients reach this service. Its host is accepted in the Host header.',
    example: 'https://orderdesk-mcp.example.com',
    safety: true,
    requiredIn: ['production'],
    shownIn: DEPLOYED,
  },
  MCP_ALLOWED_HOSTS: {
    ...kinds.optional(kinds.hostNames),
    group: 'Network',
    description:
      'More hosts that are accepted in the Host header, such as a name inside a cluster. The host of PUBLIC_URL and localhost always are.',
    example: 'orderdesk-mcp,orderdesk-mcp.internal',
    safety: true,
    shownIn: DEPLOYED,
  },
  ALLOWED_ORIGINS: {
    ...kinds.optional(kinds.origins),
    group: 'Network',
    description: 'Web origins whose pages may call the server from a browser. None unless listed.',
    example: 'https://console.example.com',
    safety: true,
    shownIn: EVERYWHERE,
  },
  TRUST_PROXY: {
    ...kinds.optional(kinds.networks),
    group: 'Network',
    description: 'The proxies whose X-Forwarded-* headers are believed. None unless listed.',
    example: '10.0.0.0/8,fd00::/8',
    safety: true,
    shownIn: DEPLOYED,
  },
  HTTPS_PROXY: { ...proxy('https'), shownIn: EVERYWHERE },
  HTTP_PROXY: { ...proxy('http'), shownIn: EVERYWHERE },
  NO_PROXY: {
    ...kinds.optional(noProxy),
    group: 'Network',
    description:
      'Hosts that are called without the proxy, with all names below them. Ranges count for hosts that are given as IP addresses.',
    example: 'internal.example.com,192.0.2.0/24',
    lowerCaseToo: true,
    shownIn: EVERYWHERE,
  },
  NODE_EXTRA_CA_CERTS: {
    ...kinds.optional(kinds.path),
    group: 'Network',
    description:
      'A file of PEM certificates of authorities that are believed besides the public ones: for Order Desk, an https proxy, Redis and Postgres. Node.js reads it as the process begins, so it must stand in the environment of the process: in a file given with --env-file it comes too late. Postgres can be given one of its own, by sslrootcert in DATABASE_URL.',
    example: '/etc/ssl/private-ca.pem',
    shownIn: EVERYWHERE,
  },
} as const satisfies Record<string, Variable>;
