/** What the table of variables cannot say: how it is read, what the profiles differ in, and the standard variables. */

export const BEFORE_VARIABLES = `All settings are environment variables. They are read once, when a process begins; nothing looks at the environment after that. Everything
that is wrong is said in one go, each problem with its remedy, and then the process ends with exit code 1: a server never starts on a part of its settings.
No message repeats a value, since any of them may be a secret.

- **From a file.** \`.env.development.example\`, \`.env.staging.example\` and \`.env.production.example\` show what makes sense in a profile, with a checklist at the
  head. Copy one to \`.env\`, fill it in, and start with \`node --env-file=.env dist/main.js\`; commands take the same: \`node --env-file=.env dist/cli.js doctor\`.
- **Doctor first.** \`orderdesk-mcp doctor\` reads the same settings and looks at what they name (database, role, schema, rings, Redis, Order Desk) without starting.
- **Empty is absent.** A variable without a value, or with nothing but spaces, counts as not set.
- **Names are checked.** What begins with \`MCP_\`, \`ORDERDESK_\`, \`CACHE_TTL_\`, \`ALLOW_\`, \`AUTH_\` or \`UPSTREAM_\` must be a variable of this page, else the start is
  refused and the nearest name is shown. Elsewhere a name that is nearly one of ours is refused where ours is marked *Safety*, and a warning otherwise. Links that
  Kubernetes sets for its services (\`MCP_SERVICE_HOST\` and its like) pass.
- **Secrets from files.** A variable marked *Secret* can be given as the path of a file instead: \`DATABASE_URL_FILE=/run/secrets/database_url\`. One line end
  at the end of the file is cut off. An empty file, one that cannot be read, and both ways at once are refused.
- **Durations and sizes** are in the unit that the entry names. Numbers are written plainly, without a unit.

## Key rings

\`MCP_KMS_KEY\` and \`MCP_KEY_PEPPER\` are lists, \`name:base64,name:base64\`, of keys of 32 random bytes. The first makes everything new; the others still open what they
made. A key is turned by adding the new one behind the old one on every replica, and only then moving it to the front:
[the runbook](PRODUCTION-RUNBOOK.md#rotate-the-encryption-ring) has the steps. All replicas need the same rings,
so they must be given wherever \`DATABASE_URL\` is; on the embedded database the first start makes them in \`DATA_DIR/secrets\`, outside production. Keys that are
published in examples, repeated patterns, and one key in both rings are refused in every profile. A backup of the database is worth nothing without the
rings, and whoever has both has everything: keep them apart.`;

/** @typedef {{ what: string, development: string, staging: string, production: string, test: string }} ProfileRule */

/** @type {readonly ProfileRule[]} */
export const PROFILE_RULES = [
  {
    what: 'is for',
    development: 'one machine, trying out',
    staging: 'rehearsing production',
    production: "real merchants' data",
    test: 'automated tests',
  },
  {
    what: 'without `ORDERDESK_API_URL`',
    development: 'the built-in sandbox serves',
    staging: 'the built-in sandbox serves',
    production: 'Order Desk itself',
    test: 'the built-in sandbox serves',
  },
  {
    what: 'another API than Order Desk',
    development: 'accepted',
    staging: 'accepted',
    production: 'refused, unless repeated in `ALLOW_UPSTREAM`',
    test: 'accepted',
  },
  {
    what: 'a `DATABASE_URL` on another machine without `sslmode`',
    development: 'accepted',
    staging: 'accepted',
    production: 'refused',
    test: 'accepted',
  },
  {
    what: 'rings that are not given',
    development: 'made in `DATA_DIR`, unless `DATABASE_URL` is set',
    staging: 'made in `DATA_DIR`, unless `DATABASE_URL` is set',
    production: 'refused',
    test: 'made in `DATA_DIR`, unless `DATABASE_URL` is set',
  },
  {
    what: '`AUTH_BCRYPT_COST` below 10',
    development: 'accepted',
    staging: 'refused',
    production: 'refused',
    test: 'accepted',
  },
  {
    what: '`/metrics` without `METRICS_TOKEN`',
    development: 'open on a loopback address, else closed',
    staging: 'closed',
    production: 'closed',
    test: 'open on a loopback address, else closed',
  },
  {
    what: '`/health/detailed` without `ADMIN_TOKEN`',
    development: 'open on a loopback address, else closed',
    staging: 'closed',
    production: 'closed',
    test: 'open on a loopback address, else closed',
  },
];

export const AFTER_VARIABLES = `## How long a replica may take to end

What starts replicas must wait so long between SIGTERM and SIGKILL, else a write that was sent may stay without its entry. \`orderdesk-mcp doctor\` computes it in its
line \`shutdown\`: 55 s with the defaults of production and staging, 41 s with those of development. Most replicas end much sooner.

| part | seconds |
| --- | --- |
| everything is served as ever | \`MCP_DRAIN_DELAY\` |
| the port is given up, idle connections are still served | 3, or \`MCP_DRAIN_DELAY\` where that is less |
| requests end; a write that began within the first 5 of these seconds is waited for, 30 from its first byte on | 35, or \`MCP_SHUTDOWN_GRACE\` where that is more |
| last answers, and what the server stands on is closed | 10.5 |

Without \`MCP_DRAIN_DELAY\` no write begins after the signal, and 30 stands in the place of 35. In the place of 5 stands half of \`MCP_SHUTDOWN_GRACE\` where that is less. A second
signal ends the process at once, with whatever is under way. One that comes before the port is taken ends it with exit code 143 (SIGTERM) or 130 (SIGINT).

## Overrides

A protection is switched off by name or not at all. What is off is said in the log of every start and by \`doctor\`:
\`ALLOW_EMBEDDED\`, \`ALLOW_NO_REDIS\` and \`ALLOW_UPSTREAM\` where they make a difference, and \`UPSTREAM_BUDGET_BURST\` above 20 or \`UPSTREAM_BUDGET_RATE\` above 3,
which is more than Order Desk is known to grant a store. Only production knows overrides: the other profiles accept the same without one. There is none for
weak hashing, weak or shared key material, or a role of the database that the policies do not hold.

## Proxies on the way out

\`HTTPS_PROXY\`, \`HTTP_PROXY\` and \`NO_PROXY\` mean here what they mean to most programs, in upper or lower case (set to different things in both, they are refused).
They count for requests to Order Desk and nothing else; Redis and Postgres are never reached through a proxy, and \`ALL_PROXY\` is not looked at.

- The scheme of \`ORDERDESK_API_URL\` chooses: \`HTTPS_PROXY\` for \`https://\`, \`HTTP_PROXY\` for \`http://\`. The built-in sandbox is never called through one.
- The proxy is asked for a tunnel (\`CONNECT host:port\`), for \`http://\` addresses too. It sees host and port; TLS is between this process and Order Desk.
- The proxy may be an \`https://\` address itself. User and password in its address are sent to the proxy alone and stand in no log and no error.
- A proxy that makes no tunnel is an Order Desk that is not there: calls end with \`upstream_unavailable\`, and no write was sent. \`doctor\` says what the proxy answered.
- \`NO_PROXY\` is a list separated by commas: \`example.com\` (with a dot or \`*.\` before it, the same) excepts that host and all below it, \`host:port\` that port only,
  \`192.0.2.0/24\` hosts that are given as addresses in that range, \`*\` everything.

## Private authorities

| way to | what is believed | how to say more |
| --- | --- | --- |
| Order Desk, an \`https://\` proxy | the authorities that Node.js brings | \`NODE_EXTRA_CA_CERTS\` |
| Redis by \`rediss://\` | the same; the host of \`REDIS_URL\` must be one of the certificate's names | \`NODE_EXTRA_CA_CERTS\` |
| Postgres with \`sslmode=verify-full\` | the same, and the host must be one of the certificate's names | \`sslrootcert\` in the address, or \`NODE_EXTRA_CA_CERTS\` |

\`NODE_EXTRA_CA_CERTS\` is a variable of Node.js, which reads it before anything else: set it in the environment of the process (a unit file, a container's
\`environment\`), not in a file given with \`--env-file\`. It adds to the public authorities. A file that cannot be read, or that holds no PEM certificate, is
refused here, while Node.js itself would only warn. Verification is never switched off; \`NODE_TLS_REJECT_UNAUTHORIZED=0\` would, for everything, and has no
place in an installation.

## Parameters of a Postgres address

\`DATABASE_URL\` and \`MIGRATE_DATABASE_URL\` take these after the \`?\`, with the meaning they have for libpq:

| parameter | meaning |
| --- | --- |
| \`sslmode=verify-full\` | encrypted; the certificate is of an authority that is believed, and for this host |
| \`sslmode=verify-ca\` | encrypted; the certificate is of the authority in \`sslrootcert\`, for whatever host |
| \`sslmode=require\` | encrypted, whoever answers; with \`sslrootcert\` the same as \`verify-ca\` |
| \`sslmode=disable\` | in clear: only where the network itself is trusted |
| \`sslrootcert=/path/ca.pem\` | the authority, in place of those that Node.js brings; a file that cannot be read stops the start |
| \`sslcert=/path/client.pem\`, \`sslkey=/path/client.key\` | a certificate of our own, where the server asks for one |

\`allow\`, \`prefer\` and \`no-verify\` are refused: they leave open whether anything is protected. A path is percent-encoded like the rest of the address.`;
