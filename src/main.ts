/** The process: configuration, server, banner, signals. `npm start` and `orderdesk-mcp start` run this. */
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import { type AppConfig, openFoundation, openUpstream } from './app/foundation.js';
import { isForTheOperator, operatorText } from './app/operator-errors.js';
import { readConfig } from './app/read-config.js';
import { shutdownTimes } from './app/shutdown.js';
import { dataFolderProblem, listenProblem } from './app/system-problems.js';
import { createServer, type McpServer, serveOperations } from './app.js';
import { banner, type KeyShown } from './demo/banner.js';
import { type DemoStore, makeDemoTenant } from './demo/first-run.js';
import { replacePrivate, secretsFolder } from './demo/secrets.js';
import { logOutput } from './telemetry/log-output.js';
import { createLogger, type Logger } from './telemetry/logger.js';
import type { Operations } from './tenancy/operations/index.js';

/** Runs until a signal ends it. Failures to start go to standard error, in words for the operator. */
export async function main(): Promise<void> {
  const releaseSignals = endAtOnceOnSignal();
  // Words for a reader who left are lost; the server is not.
  process.stderr.on('error', () => {});
  try {
    const config = readConfig(process.env);
    // The banner goes to standard error: with the key in it, that must not be a file either.
    const isTerminal = process.stdout.isTTY === true && process.stderr.isTTY === true;
    const log = createLogger({
      level: config.logLevel,
      pretty: isTerminal && config.profile !== 'production',
      destination: logOutput(),
    });
    announce(config, log);
    await run(config, log, isTerminal, releaseSignals);
  } catch (thrown) {
    if (!isForTheOperator(thrown)) throw thrown;
    // Whatever a start that failed half-way left open must not keep the process.
    process.stderr.write(`${operatorText(thrown)}\n`, () => process.exit(1));
  }
}

/**
 * While there is nothing to shut down. The first process of a container gets no signal that it does not listen to: one
 * that came too early would be lost, and the server would serve until it is killed.
 * @returns stops that
 */
function endAtOnceOnSignal(): () => void {
  const end = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal]);
  const signals = ['SIGTERM', 'SIGINT'] as const;
  for (const signal of signals) process.on(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

async function run(
  config: AppConfig,
  log: Logger,
  isTerminal: boolean,
  releaseSignals: () => void,
): Promise<void> {
  const foundation = await openFoundation(config, log);
  const upstream = await openUpstream(config);
  const server = await createServer(foundation, upstream, config, log);
  const { url, socket } = await open(server, config).catch(async (thrown: unknown) => {
    // Nobody was served: nobody has to be given time to leave.
    await server
      .close('soon')
      .catch((err: unknown) => log.error({ err }, 'a start that failed did not close'));
    throw thrown;
  });
  const onTimeout = () => log.error('the shutdown did not end in time');
  const onSecondSignal = (signal: string) => log.warn({ signal }, 'ended at once by a second signal');
  const onSecondError = (err: unknown) => log.fatal({ err }, 'uncaught');
  const delay = shutdownTimes(config).longest;
  const options = { delay, onTimeout, onSecondSignal, onSecondError, logger: false } as const;
  closeWithGrace(options, async ({ signal, err }) => {
    if (err !== undefined) log.fatal({ err }, 'uncaught');
    try {
      log.info({ signal }, 'shutting down');
      await socket?.close();
      // After a failure that nobody expected, what is served may be wrong.
      await server.close(err === undefined ? 'gently' : 'soon');
      log.info('stopped');
    } catch (thrown) {
      log.fatal({ err: thrown }, 'the shutdown failed');
      throw thrown;
    }
  });
  releaseSignals();

  // After the port is ours: a start that fails must not have given away the one key there is.
  const sandbox = upstream.sandboxStores !== undefined;
  const canMake = sandbox && foundation.contact.isMade();
  const key = canMake
    ? await demoKey(server.operations, upstream.sandboxStores, config, isTerminal)
    : sandbox
      ? EARLIER
      : OWN;
  const becomesReady = server.declareReady();
  if (config.profile !== 'production') {
    process.stderr.write(banner({ url, key, sandbox, dataDir: config.dataDir }));
  }
  const ready = { url, sandbox, key_file: key.kind === 'file' ? key.path : undefined };
  if (!foundation.contact.isMade()) {
    log.warn(ready, 'listening, and not ready before the first contact with the database');
  }
  void becomesReady.then((isReady) => {
    if (isReady) log.info(ready, 'ready');
  });
}

const EARLIER: KeyShown = { kind: 'earlier' };
const OWN: KeyShown = { kind: 'own' };

/** A person at the terminal sees the key once; otherwise it goes where only the owner of the files can read it. */
async function demoKey(
  operations: Operations,
  stores: readonly DemoStore[],
  config: AppConfig,
  isTerminal: boolean,
): Promise<KeyShown> {
  const key = await makeDemoTenant(operations, stores);
  if (key === undefined) return { kind: 'earlier' };
  if (isTerminal) return { kind: 'text', key };
  const path = join(secretsFolder(config.dataDir), 'demo-key');
  await replacePrivate(path, `${key}\n`);
  return { kind: 'file', path };
}

/** Takes the port and the socket of the command line. */
async function open(server: McpServer, config: AppConfig) {
  const url = await server.listen().catch((thrown: unknown) => {
    throw listenProblem(thrown, config.http);
  });
  // Replicas share Postgres, and so does the command line: it needs no server to work through.
  if (config.database.kind === 'postgres') return { url, socket: undefined };
  const socket = await serveOperations(config, server.operations).catch((thrown: unknown) => {
    throw dataFolderProblem(thrown, config.dataDir);
  });
  return { url, socket };
}

function announce(config: AppConfig, log: Logger): void {
  for (const warning of config.warnings) log.warn(warning);
  for (const override of config.overrides) log.warn({ override }, 'a protection is switched off');
  if (Number.parseInt(process.versions.node, 10) < 22) {
    log.warn('Node 20 is past its end of life; run production on Node 24.');
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main();
}
