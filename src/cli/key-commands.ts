import { Command, Option } from 'commander';
import { z } from 'zod';
import { render } from './render.js';
import { jsonOption, operate, print, tenantOption } from './shared.js';

const KID = 'the 10 characters after "odm_"';

const createdKey = z.looseObject({ key: z.string() });

export function keyCommands(): Command {
  const key = new Command('key').description('keys that agents connect with');
  key
    .command('create')
    .description('make a key: its text goes to standard output, this once')
    .addOption(tenantOption())
    .requiredOption('--name <name>', 'what the key is for')
    .addOption(new Option('--role <role>').choices(['agent', 'owner']).default('agent'))
    .option('--store <name...>', 'limit an agent key to these stores (names or Order Desk ids)')
    .option(
      '--toolset <name...>',
      'all toolsets the key may use (default: default, and admin for owner keys)',
    )
    .option('--exclude <name...>', 'tools or toolsets it may not use all the same')
    .option('--read-only', 'only tools that change nothing')
    .option(
      '--mask',
      'pseudonyms for names, companies, e-mails, phones and streets of customers; notes and other free text hidden; ' +
        'searching by an e-mail or name that is known stays possible',
    )
    .option(
      '--daily-writes <n>',
      'effects at Order Desk per UTC day at most; each order, shipment or item of a batch is one',
    )
    .option(
      '--confirm <what>',
      'moves, deletes or moves,deletes: only with the token of a dry run (dry_run of the same call)',
    )
    .option('--confirm-batches-above <n>', 'likewise calls on more orders, shipments or items than this')
    .option('--expires <time>', 'such as 2030-01-31T00:00:00Z')
    .addOption(jsonOption())
    .action(
      async ({ store, toolset, readOnly, mask, dailyWrites, confirm, confirmBatchesAbove, ...given }) => {
        const { tenant, name, role, exclude, expires, json } = given;
        const result = await operate('createKey', {
          tenant,
          name,
          role,
          ...(store === undefined ? {} : { stores: store }),
          ...(toolset === undefined ? {} : { toolsets: toolset }),
          ...(exclude === undefined ? {} : { exclude }),
          ...(readOnly === true ? { readOnly } : {}),
          ...(mask === true ? { mask } : {}),
          ...(dailyWrites === undefined ? {} : { dailyWriteCap: Number(dailyWrites) }),
          ...(confirm === undefined ? {} : { confirm: namesOf(confirm) }),
          ...(confirmBatchesAbove === undefined ? {} : { confirmBatchesAbove: Number(confirmBatchesAbove) }),
          ...(expires === undefined ? {} : { expiresAt: expires }),
        });
        printNewKey(result, { json });
      },
    );
  key
    .command('list')
    .description('show every key of a tenant, ended ones too; never a secret')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async ({ tenant, ...options }) => print(await operate('listKeys', { tenant }), options));
  key
    .command('rotate')
    .description('make a key in the place of another, which ends after the overlap')
    .argument('<kid>', KID)
    .option('--overlap <time>', 'how long both keys hold, such as 30m, 24h or 7d', '24h')
    .addOption(jsonOption())
    .action(async (kid: string, { overlap, json }) =>
      printNewKey(await operate('rotateKey', { kid, overlap }), { json }),
    );
  key
    .command('rename')
    .description('say anew what a key is for; the key stays as it is')
    .argument('<kid>', KID)
    .argument('<name>', 'what the key is for')
    .addOption(jsonOption())
    .action(async (kid: string, name: string, options) =>
      print(await operate('renameKey', { kid, name }), options),
    );
  key
    .command('expire')
    .description('set when a key ends')
    .argument('<kid>', KID)
    .requiredOption('--at <time>', 'such as 2030-01-31T00:00:00Z')
    .addOption(jsonOption())
    .action(async (kid: string, { at, ...options }) =>
      print(await operate('expireKey', { kid, at }), options),
    );
  key
    .command('revoke')
    .description('end a key now, everywhere within two seconds')
    .argument('<kid>', KID)
    .addOption(jsonOption())
    .action(async (kid: string, options) => print(await operate('revokeKey', { kid }), options));
  return key;
}

/** The key's text alone goes to standard output, so that it can be piped to where it belongs. */
function printNewKey(result: unknown, { json }: { readonly json?: true }): void {
  if (json === true) {
    print(result, { json });
    return;
  }
  const { key, ...facts } = createdKey.parse(result);
  process.stderr.write(`${render(facts)}The key is shown this once:\n`);
  process.stdout.write(`${key}\n`);
}

const namesOf = (list: string): readonly string[] => list.split(',').map((each) => each.trim());
