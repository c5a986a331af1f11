/** What to check off at the head of an example file. A line that begins with `$` is a command and is not wrapped. */
import type { ExampleProfile } from './example-file.js';

export interface Checklist {
  readonly when: string;
  readonly items: readonly string[];
}

const DOCTOR = '$ node --env-file=.env dist/cli.js doctor';

export const CHECKLISTS: Readonly<Record<ExampleProfile, readonly Checklist[]>> = {
  development: [
    {
      when: 'Before you start',
      items: [
        'Node.js is 20.19 or newer, and the server is built.',
        '$ npm run build',
        'Nothing here names a store of a real merchant: the built-in sandbox serves.',
        'Doctor refuses nothing.',
        DOCTOR,
      ],
    },
    {
      when: 'Before others can reach it',
      items: [
        'They cannot, as long as MCP_HOST is a loopback address. For more than that take the file for staging.',
      ],
    },
    {
      when: 'After the start',
      items: [
        'The server says that it is ready.',
        '$ curl --fail http://127.0.0.1:3000/health/ready',
        'DATA_DIR is in no repository and in no backup: it holds the keys of the demo.',
      ],
    },
  ],
  staging: [
    {
      when: 'Before you start',
      items: [
        'Postgres, Redis, rings and tokens are its own: none is shared with production.',
        'ORDERDESK_API_URL is empty (the sandbox serves), or the store is one that may be spoiled.',
        'DATABASE_URL is set where more than one replica runs, with both rings.',
        'The database is migrated.',
        '$ node --env-file=.env dist/cli.js migrate',
        'Doctor refuses nothing.',
        DOCTOR,
      ],
    },
    {
      when: 'Before it is public',
      items: [
        'TLS ends at a proxy in front, and nothing else reaches the port of the server.',
        'PUBLIC_URL is the address of that proxy, and TRUST_PROXY names the proxy alone.',
        'METRICS_TOKEN and ADMIN_TOKEN are set, or /metrics and /health/detailed are closed.',
      ],
    },
    {
      when: 'After the start',
      items: [
        'The server says that it is ready.',
        '$ curl --fail http://127.0.0.1:3000/health/ready',
        'One replica was ended and started again under load, and no call failed.',
        'A backup was restored, and its stores verified.',
        '$ node --env-file=.env dist/cli.js store verify <store> --tenant <name>',
      ],
    },
  ],
  production: [
    {
      when: 'Before you start',
      items: [
        'Every line below that is not commented out is filled in, or its NAME_FILE is.',
        'This file is readable for the service alone.',
        '$ chmod 600 .env',
        'Both rings were made for this installation, and each lies in a second place that is not the backup of the database: without them no backup opens.',
        'The role in DATABASE_URL owns nothing; MIGRATE_DATABASE_URL is given to the migration alone.',
        'The way to Postgres is encrypted (sslmode=verify-full), the way to Redis too (rediss://), unless the network itself is trusted.',
        'Redis evicts by volatile-lru or not at all.',
        'The database is migrated.',
        '$ node --env-file=.env dist/cli.js migrate',
        'Doctor refuses nothing, and names no override that nobody meant.',
        DOCTOR,
      ],
    },
    {
      when: 'Before it is public',
      items: [
        'TLS ends at a proxy in front, and nothing else reaches the port of the server.',
        'PUBLIC_URL is the address of that proxy, and TRUST_PROXY names the proxy alone.',
        'From outside, /metrics and /health/detailed answer 401, 403 or 404.',
        '$ curl --silent --output /dev/null --write-out "%{http_code}\\n" https://orderdesk-mcp.example.com/metrics',
        'UPSTREAM_REPLICAS is the number of replicas that ever run at once: twice the usual number while all are replaced.',
        'The host gives a replica at least 55 s between SIGTERM and SIGKILL. With other values of MCP_DRAIN_DELAY and MCP_SHUTDOWN_GRACE doctor says how many.',
      ],
    },
    {
      when: 'After the start',
      items: [
        'Every replica says that it is ready, and degraded names nothing.',
        '$ curl --fail http://127.0.0.1:3000/health/ready',
        'Prometheus scrapes every replica, and its rules are loaded.',
        'A key can list orders of its store, and a key of another tenant cannot.',
        'The first backup was made, and restored elsewhere.',
      ],
    },
  ],
};
