#!/usr/bin/env node
/**
 * `orderdesk-mcp`: the operator's command line. Commands work on the database itself, or, while a server
 * holds an embedded one, through its socket. A secret is never an argument, since arguments show in process lists and histories.
 */
import { Command } from 'commander';
import { isForTheOperator, operatorText } from './app/operator-errors.js';
import { VERSION } from './app/version.js';
import { auditCommands } from './cli/audit-commands.js';
import { changeCommands } from './cli/change-commands.js';
import { doctorCommand } from './cli/doctor-command.js';
import { keyCommands } from './cli/key-commands.js';
import { migrateCommand } from './cli/migrate-command.js';
import { sandboxCommand } from './cli/sandbox-command.js';
import { storeCommands } from './cli/store-commands.js';
import { tenantCommands } from './cli/tenant-commands.js';
import { vaultCommands } from './cli/vault-commands.js';

/** A reader that left early, as `head` does, has what it wanted; a full disk is said. */
function onOutputFailure(failure: NodeJS.ErrnoException): void {
  if (failure.code !== 'EPIPE') process.stderr.write(`Standard output: ${failure.message}.\n`);
  process.exit(1);
}

const program = new Command('orderdesk-mcp')
  .description('MCP server for Order Desk stores. Settings come from the environment.')
  .version(VERSION)
  .addCommand(
    new Command('start').description('run the server').action(async () => (await import('./main.js')).main()),
  )
  .addCommand(sandboxCommand())
  .addCommand(doctorCommand())
  .addCommand(migrateCommand())
  .addCommand(tenantCommands())
  .addCommand(keyCommands())
  .addCommand(storeCommands())
  .addCommand(vaultCommands())
  .addCommand(changeCommands())
  .addCommand(auditCommands());

process.stdout.on('error', onOutputFailure);
try {
  await program.parseAsync();
} catch (thrown) {
  if (!isForTheOperator(thrown)) throw thrown;
  process.stderr.write(`${operatorText(thrown)}\n`);
  process.exitCode = 1;
}
