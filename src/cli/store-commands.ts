import { Command, Option } from 'commander';
import { readSecret } from './prompt-secret.js';
import { jsonOption, operate, print, tenantOption } from './shared.js';

export function storeCommands(): Command {
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
      const apiKey = await readApiKey();
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
    .description('show the stores of a tenant, and when each was last verified')
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
    .command('credential')
    .description(
      'replace the API key of a store; the new one is asked for at a prompt, or read from standard input',
    )
    .argument('<store>', 'name or Order Desk id')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (name: string, { tenant, ...options }) => {
      const apiKey = await readApiKey();
      print(await operate('changeCredential', { tenant, store: name, apiKey }), options);
    });
  store
    .command('remove')
    .description('delete a store and its credential here; nothing changes at Order Desk')
    .argument('<store>', 'name or Order Desk id')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (name: string, { tenant, ...options }) =>
      print(await operate('removeStore', { tenant, store: name }), options),
    );
  store
    .command('folders')
    .description('ask Order Desk for the folders, and show what each means')
    .argument('<store>', 'name or Order Desk id')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (name: string, { tenant, ...options }) =>
      print(await operate('listFolders', { tenant, store: name }), options),
    );
  store
    .command('folder')
    .description('say what a folder means, and what moving an order there does')
    .argument('<store>', 'name or Order Desk id')
    .argument('<folder>', 'name or id')
    .addOption(tenantOption())
    .addOption(
      new Option(
        '--means <meaning>',
        'closed and canceled: nothing is left to do for its orders; guess: by its name',
      ).choices(['open', 'closed', 'canceled', 'guess']),
    )
    .option('--note <text>', 'for agents and their users, such as what the rules of the folder do')
    .option('--no-note', 'take the note away')
    .addOption(jsonOption())
    .action(async (name: string, folder: string, { tenant, means, note, json }) => {
      const change = {
        ...(means === undefined ? {} : { means }),
        ...(note === undefined ? {} : { note: note === false ? null : note }),
      };
      print(await operate('configureFolder', { tenant, store: name, folder, ...change }), { json });
    });
  return store;
}

const readApiKey = (): Promise<string> => readSecret('Order Desk API key', process.stdin, process.stderr);
