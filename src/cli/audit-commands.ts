import { once } from 'node:events';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { operate } from './shared.js';

const page = z.object({ entries: z.array(z.unknown()), next: z.string().nullable() });

export function auditCommands(): Command {
  const audit = new Command('audit').description('the trail of who did what, and who was refused');
  audit
    .command('export')
    .description('print the trail, oldest first, one entry a line')
    .option('--tenant <name>', 'of this tenant only (of a deleted one by its id)')
    .option('--since <time>', 'such as 2030-01-31T00:00:00Z')
    .addOption(new Option('--format <format>').choices(['jsonl']).default('jsonl'))
    .action(async ({ tenant, since }) => {
      const wanted = {
        ...(tenant === undefined ? {} : { tenant }),
        ...(since === undefined ? {} : { since }),
      };
      let after: string | null | undefined;
      do {
        const input = typeof after === 'string' ? { ...wanted, after } : wanted;
        const { entries, next } = page.parse(await operate('readAudit', input));
        const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
        if (!process.stdout.write(lines)) await once(process.stdout, 'drain');
        after = next;
      } while (after !== null);
    });
  return audit;
}
