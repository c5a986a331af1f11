#!/usr/bin/env node
/**
 * `orderdesk-mcp`: the operator's command line. Commands work while the server runs, through its socket, and without
 * it. A secret is never an argument, since arguments show in process lists and histories.
 */
import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { adminSocketPath, openFoundation, openUpstream } from './app/foundation.js';
import { createServices } from './app/services.js';
import { listenProblem } from './app/system-problems.js';
import { VERSION } from './app/version.js';
import { readSecret } from './cli/prompt-secret.js';
import { type OperationName, runOperation } from './cli/remote-or-local.js';
import { render } from './cli/render.js';
import { isForTheOperator, main, readConfig, wordsForTheOperator } from './main.js';
import { defaultSandboxStores, startSandbox } from './sandbox/index.js';
import { createLogger } from './telemetry/logger.js';

/** Runs an operation wherever the data is, and resolves with its result. */
async function operate(name: OperationName, input: object): Promise<unknown> {
  const config = readConfig(process.env);
  const log = createLogger({ level: 'silent', pretty: false });
  return runOperation(
    {
      socketPath: adminSocketPath(config),
      async openLocal() {
        const foundation = await openFoundation(config, log);
        const upstream = await openUpstream(config);
        const services = createServices(foundation, upstream, config, log, undefined);
        return {
          operations: services.operations,
          async close() {
            await services.close();
            await upstream.close();
            await foundation.close();
          },
        };
      },
    },
    name,
    input,
  );
}

/** What a command prints: the whole result as JSON when asked for, else for a person. */
function print(result: unknown, { json }: { readonly json?: true }): void {
  process.stdout.write(json === true ? `${JSON.stringify(result, null, 2)}\n` : render(result));
}

const tenantOption = () => new Option('--tenant <name>', 'name or id of the tenant').makeOptionMandatory();
const jsonOption = () => new Option('--json', 'print the result as JSON');

function tenantCommands(): Command {
  const tenant = new Command('tenant').description('who the server works for');
  tenant
    .command('create')
    .argument('<name>', 'unique, without regard to case')
    .addOption(jsonOption())
    .action(async (name: string, options) => print(await operate('createTenant', { name }), options));
  tenant
    .command('list')
    .addOption(jsonOption())
    .action(async (options) => print(await operate('listTenants', {}), options));
  return tenant;
}

const createdKey = z.looseObject({ key: z.string() });

function keyCommands(): Command {
  const key = new Command('key').description('keys that agents connect with');
  key
    .command('create')
    .description('make a key: its text goes to standard output, this once')
    .addOption(tenantOption())
    .requiredOption('--name <name>', 'what the key is for')
    .addOption(new Option('--role <role>').choices(['agent', 'owner']).default('agent'))
    .option('--store <name...>', 'limit an agent key to these stores (names or Order Desk ids)')
    .option('--expires <time>', 'such as 2030-01-31T00:00:00Z')
    .addOption(jsonOption())
    .action(async ({ tenant, name, role, store, expires, json }) => {
      const result = await operate('createKey', {
        tenant,
        name,
        role,
        ...(store === undefined ? {} : { stores: store }),
        ...(expires === undefined ? {} : { expiresAt: expires }),
      });
      if (json === true) return print(result, { json });
      const { key: text, ...facts } = createdKey.parse(result);
      process.stderr.write(`${render(facts)}The key is shown this once:\n`);
      process.stdout.write(`${text}\n`);
    });
  key
    .command('list')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async ({ tenant, ...options }) => print(await operate('listKeys', { tenant }), options));
  key
    .command('revoke')
    .argument('<kid>', 'the 10 characters after "odm_"')
    .addOption(jsonOption())
    .action(async (kid: string, options) => print(await operate('revokeKey', { kid }), options));
  return key;
}

function storeCommands(): Command {
  const store = new Command('store').description('Order Desk stores of a tenant');
  store
    .command('add')
    .description('add a store; its API key is asked for at a prompt, or read from standard input')
    .addOption(tenantOption())
    .requiredOption('--id <number>', 'store id, from Store Settings > API in Order Desk')
    .option('--name <name>', 'your name for it; else the one it has in Order Desk')
    .option('--default', 'the store that is meant when none is named')
    .addOption(jsonOption())
    .action(async ({ tenant, id, name, default: isDefault, json }) => {
      const apiKey = await readSecret('Order Desk API key', process.stdin, process.stderr);
      const result = await operate('addStore', {
        tenant,
        orderDeskStoreId: id,
        apiKey,
        ...(name === undefined ? {} : { name }),
        ...(isDefault === true ? { isDefault } : {}),
      });
      print(result, { json });
    });
  store
    .command('list')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async ({ tenant, ...options }) => print(await operate('listStores', { tenant }), options));
  store
    .command('verify')
    .description('ask Order Desk whether it accepts the stored key')
    .argument('<store>', 'name or Order Desk id')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (name: string, { tenant, ...options }) =>
      print(await operate('verifyStore', { tenant, store: name }), options),
    );
  store
    .command('remove')
    .argument('<store>', 'name or Order Desk id')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (name: string, { tenant, ...options }) =>
      print(await operate('removeStore', { tenant, store: name }), options),
    );
  return store;
}

async function runSandbox({ port }: { readonly port: number }): Promise<void> {
  const sandbox = await startSandbox({ stores: defaultSandboxStores, port }).catch((thrown: unknown) => {
    throw listenProblem(thrown, { host: '127.0.0.1', port });
  });
  const stores = defaultSandboxStores.map(({ id, name, apiKey }) => ({ id, name, apiKey }));
  process.stdout.write(`A simulated Order Desk at ${sandbox.url}\n\n${render(stores)}\n`);
  process.stdout.write(`Point a server at it with ORDERDESK_API_URL=${sandbox.url}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await sandbox.close();
}

const portNumber = z.coerce.number().int().min(0).max(65_535);

function readPort(text: string): number {
  const port = portNumber.safeParse(text);
  if (!port.success) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port.data;
}

/** A reader that left early, as `head` does, has what it wanted; a full disk is said. */
function onOutputFailure(failure: NodeJS.ErrnoException): void {
  if (failure.code !== 'EPIPE') process.stderr.write(`Standard output: ${failure.message}.\n`);
  process.exit(1);
}

const program = new Command('orderdesk-mcp')
  .description('MCP server for Order Desk stores. Settings come from the environment.')
  .version(VERSION)
  .addCommand(new Command('start').description('run the server').action(main))
  .addCommand(
    new Command('sandbox')
      .description('run a simulated Order Desk')
      .addOption(new Option('--port <port>').default(4010).argParser(readPort))
      .action(runSandbox),
  )
  .addCommand(tenantCommands())
  .addCommand(keyCommands())
  .addCommand(storeCommands());

process.stdout.on('error', onOutputFailure);
try {
  await program.parseAsync();
} catch (thrown) {
  if (!isForTheOperator(thrown)) throw thrown;
  process.stderr.write(`${wordsForTheOperator(thrown)}\n`);
  process.exitCode = 1;
}
