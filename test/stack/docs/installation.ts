/** The local installation on which the documents' commands run: laid out as docs/DEPLOYMENT-DOCKER.md says, without Docker. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { callTool } from '../../support/call-tool.js';
import { cliFile, projectRoot } from '../../support/running-program.js';
import { madeUpStores } from '../../support/seeded-installation.js';
import { postgresProgram } from '../../support/services/debian.js';
import { emptyRedis, execute, type PostgresServer, startPostgres } from '../../support/services/index.js';
import { type Replicas, startReplicas } from '../../support/stack/replicas.js';
import { operationsOn } from '../../support/stack/tenants.js';
import { suiteFolder } from '../../support/temporary-folder.js';

export interface Installation {
  /** What all blocks get. */
  readonly env: NodeJS.ProcessEnv;
  readonly replicas: Replicas;
  /** For the files of blocks. */
  readonly scratch: string;
  /** A working folder as a clone is, with a certificate to install. @param secrets of the installation, or none yet */
  clone(name: string, secrets: 'running' | 'none'): string;
  /** The address of an empty database, in a file. */
  emptyDatabase(): Promise<string>;
  close(): Promise<void>;
}

const TENANT = 'acme';
const LEFT = 'former';

export async function startInstallation(): Promise<Installation> {
  const [folder, postgres, sandbox, redis] = await Promise.all([
    suiteFolder(),
    startPostgres(),
    startSandbox({ stores: madeUpStores(1), rateLimit: false }),
    emptyRedis(),
  ]);
  const ending: (() => unknown)[] = [() => folder.remove(), () => sandbox.close(), () => postgres.stop()];
  const close = async () => {
    for (const end of ending.splice(0).toReversed()) await end();
  };
  try {
    await makeBackupRole(postgres);
    const database = await postgres.createDatabase();
    await migratePostgres(database);
    const addresses = {
      database_url: database.serviceUrl,
      migrate_database_url: database.migrateUrl,
      redis_url: redis.url,
    };
    const secrets = join(folder.path, 'secrets');
    makeSecrets(secrets, addresses);
    const certificate = join(folder.path, 'certificate');
    makeCertificate(certificate, join(secrets, 'tls'));
    const named = [
      'database_url',
      'redis_url',
      'mcp_kms_key',
      'mcp_key_pepper',
      'metrics_token',
      'admin_token',
    ];
    const replicas = await startReplicas({
      count: 1,
      databaseUrl: database.serviceUrl,
      redisUrl: redis.url,
      orderDeskUrl: sandbox.url,
      env: {
        ...Object.fromEntries(named.map((name) => [`${name.toUpperCase()}_FILE`, join(secrets, name)])),
        MCP_DRAIN_DELAY: '0',
      },
    });
    ending.push(() => replicas.close());
    const ids = await seed(replicas, sandbox, database.superuserUrl);
    return {
      env: {
        ...replicas.env,
        ...ids,
        PATH: [makePrograms(folder.path), dirname(postgresProgram('pg_dump')), process.env.PATH].join(':'),
        BASE_URL: new URL('/', replicas.url(0)).href.slice(0, -1),
        MIGRATE_DATABASE_URL_FILE: join(secrets, 'migrate_database_url'),
      },
      replicas,
      scratch: folder.path,
      clone(name, given) {
        const clone = join(folder.path, name);
        makeClone(clone);
        for (const file of readdirSync(certificate)) cpSync(join(certificate, file), join(clone, file));
        if (given === 'running') symlinkSync(secrets, join(clone, 'secrets'));
        return clone;
      },
      async emptyDatabase() {
        const file = join(folder.path, 'restored_database_url');
        writeFileSync(file, (await postgres.createDatabase()).migrateUrl);
        return file;
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

const makeBackupRole = ({ superuserUrl }: PostgresServer): Promise<void> =>
  execute(superuserUrl, [
    'create role orderdesk_backup nologin bypassrls',
    'grant pg_read_all_data to orderdesk_backup',
    'grant orderdesk_backup to migrator',
  ]);

/** As an operator makes them, with the addresses of this machine. */
function makeSecrets(folder: string, addresses: Readonly<Record<string, string>>): void {
  execFileSync(join(projectRoot, 'docker/make-secrets.sh'), [folder]);
  for (const [name, address] of Object.entries(addresses)) {
    rmSync(join(folder, name));
    writeFileSync(join(folder, name), address, { mode: 0o444 });
  }
}

function makeCertificate(folder: string, installed: string): void {
  execFileSync(join(projectRoot, 'nginx/make-self-signed.sh'), ['mcp.example.com', folder], {
    stdio: 'pipe',
  });
  const files = ['fullchain.pem', 'privkey.pem'].map((name) => join(folder, name));
  execFileSync(join(projectRoot, 'docker/install-certificate.sh'), [...files, installed]);
}

/** Two tenants, and in one of them a key and a change that nobody can tell the outcome of. */
async function seed(replicas: Replicas, sandbox: Sandbox, superuserUrl: string): Promise<NodeJS.ProcessEnv> {
  const [store] = sandbox.stores;
  const [order] = store?.orders() ?? [];
  if (store === undefined || order === undefined) throw new Error('the sandbox has no order');
  const local = await operationsOn(replicas.env);
  const { operations } = local;
  for (const name of [TENANT, LEFT]) await operations.createTenant.run({ name });
  await operations.addStore.run({ tenant: TENANT, orderDeskStoreId: store.id, apiKey: store.apiKey });
  const { key, kid } = await operations.createKey.run({ tenant: TENANT, name: 'agent', role: 'agent' });
  // The answer is lost, and a shipment without a number of its own cannot be told from another.
  sandbox.fail({ kind: 'reset_after', match: { method: 'POST' } });
  const shipments = [{ order_id: order.id, tracking_number: 'n/a', carrier_code: 'UPS' }];
  const reply = await callTool(replicas.url(0), key, 'add_shipments', { shipments });
  await local.close();
  const { change_id: id, outcome } = reply.result?.structuredContent ?? {};
  if (outcome !== 'unknown' || typeof id !== 'string') throw new Error(`no change is unknown: ${reply.text}`);
  // As the sweep leaves it, two minutes later.
  await execute(superuserUrl, [
    `update changes set state = 'unknown', settled_as = 'unknown', finished_at = now() where change_id = '${id}'`,
  ]);
  return { KID: kid, CHANGE: id };
}

function makeClone(folder: string): void {
  mkdirSync(folder);
  for (const part of [
    'docker',
    'nginx',
    'scripts',
    'docker-compose.production.yml',
    '.env.production.example',
  ]) {
    cpSync(join(projectRoot, part), join(folder, part), { recursive: true });
  }
}

/** `npx orderdesk-mcp` without a look into the registry. */
function makePrograms(folder: string): string {
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  const script = [
    '#!/bin/sh',
    '[ "$1" = orderdesk-mcp ] || exit 127',
    'shift',
    `exec '${process.execPath}' '${cliFile}' "$@"`,
  ];
  writeFileSync(join(programs, 'npx'), `${script.join('\n')}\n`, { mode: 0o755 });
  return programs;
}
