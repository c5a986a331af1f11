/** The process: configuration, server, banner, signals. `npm start` and `orderdesk-mcp start` run this. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import { type AppConfig, openFoundation, openUpstream } from './app/foundation.js';
import { createServer, serveOperations } from './app.js';
import { ConfigError, loadConfig } from './config.js';
import { banner, type KeyShown } from './demo/banner.js';
import { makeDemoTenant } from './demo/first-run.js';
import { secretsFolder, writeOnce } from './demo/secrets.js';
import { AppError } from './errors.js';
import { DataDirInUse } from './storage/data-dir-lock.js';
import { createLogger, type Logger } from './telemetry/logger.js';
import { assertRingsDiffer, parseKeyRing } from './tenancy/rings/key-ring.js';

/** @throws ConfigError */
export const readConfig = (env: NodeJS.ProcessEnv): AppConfig =>
  loadConfig(env, {
    readFile: (path) => readFileSync(path, 'utf8'),
    parseRing: parseKeyRing,
    assertRingsDiffer,
  });

/** Runs until a signal ends it. Failures to start go to standard error, in words for the operator. */
export async function main(): Promise<void> {
  try {
    const config = readConfig(process.env);
    const isTerminal = process.stdout.isTTY === true;
    const log = createLogger({
      level: config.logLevel,
      pretty: isTerminal && config.profile !== 'production',
    });
    announce(config, log);
    await run(config, log, isTerminal);
  } catch (thrown) {
    if (!isForTheOperator(thrown)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    process.exitCode = 1;
  }
}

async function run(config: AppConfig, log: Logger, isTerminal: boolean): Promise<void> {
  const foundation = await openFoundation(config, log);
  const upstream = await openUpstream(config);
  const server = await createServer(foundation, upstream, config, log);
  const { sandboxStores } = upstream;
  const sandbox = sandboxStores !== undefined;
  const made = sandbox ? await makeDemoTenant(server.operations, sandboxStores) : undefined;
  const key = made === undefined ? EARLIER : await shownKey(made, config.dataDir, isTerminal);

  const url = await server.listen().catch(async (thrown: unknown) => {
    await server.close();
    throw addressTaken(thrown, config) ?? thrown;
  });
  const socket = await serveOperations(config, server.operations);
  closeWithGrace({ delay: config.shutdownGraceMs, logger: false }, async ({ signal, err }) => {
    if (err !== undefined) log.fatal({ err }, 'uncaught');
    log.info({ signal }, 'shutting down');
    await socket.close();
    await server.close();
    log.info('stopped');
  });
  log.info({ url, sandbox, key_file: key.kind === 'file' ? key.path : undefined }, 'ready');
  if (config.profile !== 'production') {
    process.stderr.write(banner({ url, key, sandbox, dataDir: config.dataDir }));
  }
}

function addressTaken(thrown: unknown, config: AppConfig): AppError | undefined {
  if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE')) return undefined;
  const { host, port } = config.http;
  return new AppError('conflict', `${host}:${port} is in use. Choose another port with PORT.`, {
    cause: thrown,
  });
}

const EARLIER: KeyShown = { kind: 'earlier' };

/** A person at the terminal sees the key once; otherwise it goes where only the owner of the files can read it. */
async function shownKey(key: string, dataDir: string, isTerminal: boolean): Promise<KeyShown> {
  if (isTerminal) return { kind: 'text', key };
  const path = join(secretsFolder(dataDir), 'demo-key');
  await writeOnce(path, `${key}\n`);
  return { kind: 'file', path };
}

/** Failures whose message says what to do; anything else is a fault and shows its stack. */
export const isForTheOperator = (thrown: unknown): thrown is Error =>
  thrown instanceof AppError || thrown instanceof ConfigError || thrown instanceof DataDirInUse;

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
