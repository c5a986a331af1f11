/** What all commands share: running an operation where the data is, printing its result, and common options. */
import { Option } from 'commander';
import { adminSocketPath, readConfig } from '../app/read-config.js';
import { type OperationName, runOperation } from './remote-or-local.js';
import { render } from './render.js';

/** Runs an operation wherever the data is, and resolves with its result. */
export async function operate(name: OperationName, input: object): Promise<unknown> {
  const config = readConfig(process.env);
  const openLocal = async () => {
    // What opens a database is loaded only where one is opened: most commands run in a server.
    const { openLocalOperations } = await import('../app/local-operations.js');
    return openLocalOperations(config);
  };
  const socketPath = config.database.kind === 'embedded' ? adminSocketPath(config) : undefined;
  return runOperation({ socketPath, openLocal }, name, input);
}

/** What a command prints: the whole result as JSON when asked for, else for a person. */
export function print(result: unknown, { json }: { readonly json?: true }): void {
  process.stdout.write(json === true ? `${JSON.stringify(result, null, 2)}\n` : render(result));
}

export const tenantOption = () =>
  new Option('--tenant <name>', 'name or id of the tenant').makeOptionMandatory();
export const jsonOption = () => new Option('--json', 'print the result as JSON');
