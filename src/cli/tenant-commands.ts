import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { AppError } from '../errors.js';
import { jsonOption, operate, print } from './shared.js';

const TENANT = 'name or id of the tenant';

export function tenantCommands(): Command {
  const tenant = new Command('tenant').description('who the server works for');
  tenant
    .command('create')
    .description('make a tenant and its data key')
    .argument('<name>', 'unique, without regard to case')
    .addOption(jsonOption())
    .action(async (name: string, options) => print(await operate('createTenant', { name }), options));
  tenant
    .command('list')
    .description('show all tenants, by name')
    .addOption(jsonOption())
    .action(async (options) => print(await operate('listTenants', {}), options));
  tenant
    .command('suspend')
    .description('refuse all keys of a tenant until it is resumed')
    .argument('<tenant>', TENANT)
    .addOption(jsonOption())
    .action(async (name: string, options) =>
      print(await operate('suspendTenant', { tenant: name }), options),
    );
  tenant
    .command('resume')
    .description('let the keys of a suspended tenant in again')
    .argument('<tenant>', TENANT)
    .addOption(jsonOption())
    .action(async (name: string, options) => print(await operate('resumeTenant', { tenant: name }), options));
  tenant
    .command('limits')
    .description('show or set the limits of a tenant, where they differ from the usual ones')
    .argument('<tenant>', TENANT)
    .option('--key-rate <messages>', 'messages a second that one key may send in the long run', Number)
    .option('--key-burst <messages>', 'messages that one key may send at once', Number)
    .option('--concurrency <calls>', 'calls at the same time on one replica', Number)
    .option('--queue <calls>', 'calls that may wait for their turn on one replica', Number)
    .option('--wait <seconds>', 'how long each of them waits at most', Number)
    .option('--usual', 'forget what was set before')
    .addOption(jsonOption())
    .action(async (name: string, { keyRate, keyBurst, wait, json, ...others }) => {
      const limits = {
        ...others,
        ...(keyRate === undefined ? {} : { keyPerSecond: keyRate }),
        ...(keyBurst === undefined ? {} : { keyBurst }),
        ...(wait === undefined ? {} : { waitMs: Math.round(wait * 1000) }),
      };
      print(await operate('setTenantLimits', { tenant: name, ...limits }), { json });
    });
  tenant
    .command('rename')
    .description('give a tenant another name; its keys and stores go on as they are')
    .argument('<tenant>', TENANT)
    .argument('<name>', 'unique, without regard to case')
    .addOption(jsonOption())
    .action(async (from: string, name: string, options) =>
      print(await operate('renameTenant', { tenant: from, name }), options),
    );
  tenant
    .command('delete')
    .description('destroy the data key of a tenant and all its rows; nothing brings them back')
    .argument('<tenant>', TENANT)
    .option('--yes', 'do not ask for the name once more')
    .addOption(jsonOption())
    .action(async (name: string, { yes, ...options }) => {
      const confirmation = yes === true ? name : await askForName(process.stdin, process.stderr);
      print(await operate('deleteTenant', { tenant: name, confirmation }), options);
    });
  return tenant;
}

/** Only a person is asked: what is piped in was meant for something else. */
async function askForName(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<string> {
  if (input.isTTY !== true) {
    throw new AppError('invalid_argument', 'Deleting a tenant must be confirmed. Nothing was deleted.', {
      hint: 'Give --yes, or run the command at a terminal and type the name.',
    });
  }
  const lines = createInterface({ input, output });
  try {
    return await lines.question('Type the name of the tenant to delete it for good: ');
  } finally {
    lines.close();
  }
}
