import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { auditCommands } from '../../../src/cli/audit-commands.js';
import { changeCommands } from '../../../src/cli/change-commands.js';
import { doctorCommand } from '../../../src/cli/doctor-command.js';
import { keyCommands } from '../../../src/cli/key-commands.js';
import { migrateCommand } from '../../../src/cli/migrate-command.js';
import { sandboxCommand } from '../../../src/cli/sandbox-command.js';
import { storeCommands } from '../../../src/cli/store-commands.js';
import { tenantCommands } from '../../../src/cli/tenant-commands.js';
import { vaultCommands } from '../../../src/cli/vault-commands.js';
import { INSTALLATION_ACTIONS, TENANT_ACTIONS } from '../../../src/tenancy/audit/events.js';
import { ROOT } from './source-tree.js';

const text = readFileSync(`${ROOT}docs/COMMANDS.md`, 'utf8');
const documented = [...text.matchAll(/^\| `([a-z]+(?: [a-z]+)?)(?=[ `])[^`]*` \|/gm)].map(
  ([, name = '']) => name,
);

const namesOf = (command: Command): string[] =>
  command.commands.length === 0
    ? [command.name()]
    : command.commands.map((below) => `${command.name()} ${below.name()}`);

const groups = [
  doctorCommand(),
  migrateCommand(),
  sandboxCommand(),
  tenantCommands(),
  keyCommands(),
  storeCommands(),
  vaultCommands(),
  changeCommands(),
  auditCommands(),
];

describe('docs/COMMANDS.md', () => {
  it('lists every command there is, and none else', () => {
    const commands = ['start', ...groups.flatMap(namesOf)];
    expect(commands.length).toBeGreaterThan(20);
    expect(documented.toSorted()).toEqual(commands.toSorted());
  });

  it('says of every command what it does, as the command itself does', () => {
    const rows = [...text.matchAll(/^\| `([a-z]+(?: [a-z]+)?)(?=[ `])[^`]*` \|(.*)\|$/gm)];
    expect(rows.length).toBe(documented.length);
    expect(rows.filter(([, , says = '']) => says.trim() === '').map(([, name]) => name)).toEqual([]);
    const commands = groups.flatMap((group) => [group, ...group.commands]);
    expect(commands.filter((each) => each.description() === '').map((each) => each.name())).toEqual([]);
  });

  it('names only options that exist', () => {
    const options = groups
      .flatMap((group) => [group, ...group.commands])
      .flatMap((command) => command.options.map(({ long }) => long));
    const named = [...text.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option);
    const known = new Set([...options, '--help']);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((option) => !known.has(option))).toEqual([]);
  });

  it('names every action of the audit trail, and none else', () => {
    const section = text.slice(text.indexOf('## Audit trail'));
    const named = [...section.matchAll(/^\| (`[a-z_]+\.[a-z_]+`.*?) \|/gm)]
      .flatMap(([, cell = '']) => cell.split(', '))
      .map((action) => action.replaceAll('`', ''));
    expect(named.toSorted()).toEqual([...TENANT_ACTIONS, ...INSTALLATION_ACTIONS, 'key.refused'].toSorted());
  });
});
