import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { listenProblem } from '../app/system-problems.js';
import type { LatencyOptions, SandboxSwitches } from '../sandbox/index.js';
import { readSwitches, UnknownSwitch } from '../sandbox/switch-values.js';
import { render } from './render.js';

interface Options {
  readonly port: number;
  readonly switch?: Partial<SandboxSwitches>;
  readonly seed?: number;
  readonly rateLimit: boolean;
  readonly latency?: LatencyOptions;
}

async function runSandbox({ port, switch: switches = {}, seed, rateLimit, latency }: Options): Promise<void> {
  const { defaultSandboxStores, startSandbox } = await import('../sandbox/index.js');
  const sandbox = await startSandbox({
    stores: defaultSandboxStores,
    port,
    switches,
    admin: true,
    ...(seed === undefined ? {} : { seed }),
    ...(rateLimit ? {} : { rateLimit: false }),
    ...(latency === undefined ? {} : { latency }),
  }).catch((thrown: unknown) => {
    throw listenProblem(thrown, { host: '127.0.0.1', port });
  });
  const stores = defaultSandboxStores.map(({ id, name, apiKey }) => ({ id, name, apiKey }));
  process.stdout.write(`A simulated Order Desk at ${sandbox.url}\n\n${render(stores)}\n`);
  process.stdout.write(`Point a server at it with ORDERDESK_API_URL=${sandbox.url}\n`);
  process.stdout.write(`Its administration is at ${sandbox.adminUrl}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await sandbox.close();
}

const portNumber = z.coerce.number().int().min(0).max(65_535);

function readPort(text: string): number {
  const port = portNumber.safeParse(text);
  if (!port.success) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port.data;
}

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

function readSeed(text: string): number {
  const seed = wholeNumber.safeParse(text);
  if (!seed.success) throw new InvalidArgumentError('It must be a whole number below 1,000,000,000.');
  return seed.data;
}

function addSwitch(text: string, before: Partial<SandboxSwitches> = {}): Partial<SandboxSwitches> {
  const [name = '', value] = text.split('=');
  if (value === undefined) throw new InvalidArgumentError('Write name=value, such as textFilters=contains.');
  try {
    return { ...before, ...readSwitches({ [name]: value }) };
  } catch (error) {
    if (error instanceof UnknownSwitch) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

const LATENCY = /^(\d{1,6})-(\d{1,6})$/;

/** The time of the whole way, half of it for each direction. */
function readLatency(text: string): LatencyOptions {
  const [, min, max] = LATENCY.exec(text) ?? [];
  if (min === undefined || max === undefined || Number(min) > Number(max)) {
    throw new InvalidArgumentError('Write two whole numbers of milliseconds, such as 100-400.');
  }
  const oneWay = [Number(min) / 2, Number(max) / 2] as const;
  return { arrival: oneWay, answer: oneWay };
}

/** `orderdesk-mcp sandbox`. */
export const sandboxCommand = () =>
  new Command('sandbox')
    .description('run a simulated Order Desk')
    .addOption(new Option('--port <port>').default(4010).argParser(readPort))
    .addOption(
      new Option(
        '--switch <name=value>',
        'how it behaves where that is not known; may be repeated',
      ).argParser(addSwitch),
    )
    .addOption(
      new Option('--seed <number>', 'what happens by chance: latency, faults, somebody else').argParser(
        readSeed,
      ),
    )
    .option('--no-rate-limit', 'answer any number of requests')
    .addOption(new Option('--latency <min-max>', 'milliseconds there and back').argParser(readLatency))
    .action(runSandbox);
