import { Command } from 'commander';
import { z } from 'zod';
import { render } from './render.js';
import { jsonOption, operate, print } from './shared.js';

const status = z.looseObject({
  rings: z.array(z.unknown()),
  keysOnOldPeppers: z.array(z.unknown()),
});
const outcome = z.looseObject({ remaining: z.number() });

export function vaultCommands(): Command {
  const vault = new Command('vault').description('the keys that everything is encrypted and hashed with');
  vault
    .command('status')
    .description('what still needs which key of MCP_KMS_KEY and MCP_KEY_PEPPER')
    .addOption(jsonOption())
    .action(async ({ json }) => {
      const result = await operate('vaultStatus', {});
      if (json === true) return print(result, { json });
      const { rings, keysOnOldPeppers } = status.parse(result);
      process.stdout.write(render(rings));
      if (keysOnOldPeppers.length > 0) {
        process.stdout.write(`\nNot used since the pepper was changed:\n${render(keysOnOldPeppers)}`);
      }
    });
  vault
    .command('rewrap')
    .description('wrap all data keys under the first key of MCP_KMS_KEY; may be stopped and repeated')
    .option('--batch <number>', 'data keys a transaction', '500')
    .addOption(jsonOption())
    .action(async ({ batch, ...options }) => {
      const result = await operate('rewrapDataKeys', { batch: Number(batch) });
      print(result, options);
      if (outcome.parse(result).remaining > 0) process.exitCode = 1;
    });
  vault
    .command('retire')
    .description('find out whether an old key can be removed from the environment')
    .argument('<id>', 'the part before the colon')
    .option('--pepper', 'a key of MCP_KEY_PEPPER instead of MCP_KMS_KEY')
    .addOption(jsonOption())
    .action(async (id: string, { pepper, ...options }) =>
      print(await operate(pepper === true ? 'retirePepper' : 'retireRingKey', { id }), options),
    );
  return vault;
}
