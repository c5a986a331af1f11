import { once } from 'node:events';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { changeText, jsonLine, listRow } from './change-text.js';
import { render } from './render.js';
import { jsonOption, operate, tenantOption } from './shared.js';

const ID = 'id of the change, as "changes list" shows it';

const change = z.looseObject({
  id: z.string(),
  at: z.string(),
  store: z.string().nullable(),
  orderDeskStoreId: z.string(),
  key: z.string(),
  tool: z.string(),
  state: z.string(),
  /** Left out where it is not settled yet. */
  outcome: z.string().nullish(),
  undoneBy: z.string().nullable(),
  lines: z
    .array(
      z.looseObject({
        target: z.looseObject({
          kind: z.string(),
          id: z.string().nullable(),
          name: z.string().optional(),
        }),
        outcome: z.string(),
        fields: z.array(
          z.looseObject({
            path: z.array(z.string()),
            // Left out where there was, or is, no such field.
            before: z.unknown().optional(),
            after: z.unknown().optional(),
          }),
        ),
        message: z.string().optional(),
        quoted: z.string().optional(),
      }),
    )
    .nullable(),
});
export type ShownChange = z.output<typeof change>;

const page = z.object({ entries: z.array(change), next: z.string().nullable() });

/** On standard error, so that what is printed stays a list, or JSON. */
const MORE =
  'There are more: --limit shows up to 100, --since those after a time, "changes export" prints them all.\n';

/** Entries hold whole diffs: so many at a time go through the socket of a server. */
const EXPORT_PAGE = 20;

const filters = (command: Command) =>
  command
    .addOption(tenantOption())
    .option('--store <name>', 'of this store only (of a removed one by its Order Desk id)')
    .option('--order <id>', 'that touched this order (its Order Desk id)')
    .option('--key <name>', 'made with this API key (name or kid)')
    .option('--since <time>', 'a time such as 2030-01-31T00:00:00Z, or a date (of UTC) such as 2030-01-31')
    .addOption(new Option('--state <state>').choices(['claimed', 'pending', 'applied', 'failed', 'unknown']));

export function changeCommands(): Command {
  const changes = new Command('changes').description('the ledger of what agents changed at Order Desk');
  filters(changes.command('list').description('the latest changes of a tenant, newest first'))
    .option('--limit <n>', 'how many, at most 100', '20')
    .addOption(jsonOption())
    .action(async ({ json, limit, ...wanted }) => {
      const { entries, next } = page.parse(await operate('listChanges', { ...wanted, limit: Number(limit) }));
      process.stdout.write(json === true ? `${jsonLine(entries)}\n` : render(entries.map(listRow)));
      if (next !== null) process.stderr.write(MORE);
    });
  changes
    .command('show')
    .description('one change with what was and what is; this may name customers')
    .argument('<id>', ID)
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (id: string, { tenant, json }) =>
      show(await operate('showChange', { tenant, change: id }), json),
    );
  changes
    .command('settle')
    .description('say what became of a change whose outcome is unknown; nothing is sent')
    .argument('<id>', ID)
    .addOption(tenantOption())
    .addOption(
      new Option('--outcome <outcome>', 'what you found at Order Desk')
        .choices(['applied', 'failed'])
        .makeOptionMandatory(),
    )
    .requiredOption(
      '--reason <text>',
      'how you found out; kept in the audit trail as it is, so name no customer',
    )
    .addOption(jsonOption())
    .action(async (id: string, { tenant, outcome, reason, json }) =>
      show(await operate('settleChange', { tenant, change: id, outcome, reason }), json),
    );
  filters(
    changes
      .command('export')
      .description('print the ledger, newest first, one change a line; names customers'),
  ).action(exportAll);
  return changes;
}

function show(result: unknown, json: true | undefined): void {
  process.stdout.write(json === true ? `${jsonLine(result)}\n` : changeText(change.parse(result)));
}

async function exportAll(wanted: Readonly<Record<string, string>>): Promise<void> {
  let after: string | null | undefined;
  do {
    const input = { ...wanted, limit: EXPORT_PAGE, ...(typeof after === 'string' ? { after } : {}) };
    const { entries, next } = page.parse(await operate('listChanges', input));
    const lines = entries.map((entry) => `${jsonLine(entry)}\n`).join('');
    if (!process.stdout.write(lines)) await once(process.stdout, 'drain');
    after = next;
  } while (after !== null);
}
