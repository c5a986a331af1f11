import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { listenProblem } from '../app/system-problems.js';
import { render } from './render.js';

async function runSandbox({ port }: { readonly port: number }): Promise<void> {
  const { defaultSandboxStores, startSandbox } = await import('../sandbox/index.js');
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

/** `orderdesk-mcp sandbox`. */
export const sandboxCommand = () =>
  new Command('sandbox')
    .description('run a simulated Order Desk')
    .addOption(new Option('--port <port>').default(4010).argParser(readPort))
    .action(runSandbox);
