/** What can be said of a command for Docker without Docker: it is shell, and what it names is there. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../support/running-program.js';
import { compose } from '../../unit/container/compose-file.js';

/** Subcommands of `docker compose` that the documents use, and those of their options that take a value. */
const COMPOSE: Readonly<Record<string, readonly string[]>> = {
  build: [],
  exec: ['--index'],
  kill: ['--signal'],
  logs: ['--since', '--tail'],
  ps: [],
  restart: ['--timeout'],
  run: ['--volume', '--env'],
  stop: ['--timeout'],
  up: ['--scale', '--wait-timeout'],
};
const FLAGS = new Set([
  ...[
    '--all',
    '--build',
    '--detach',
    '--follow',
    '--force-recreate',
    '--no-deps',
    '--no-recreate',
    '--quiet',
  ],
  ...['--rm', '-T', '--wait'],
]);
/** Whatever stands behind the service is a command in its container. */
const WITH_COMMAND = ['exec', 'run'];
const DOCKER = [
  'builder prune',
  'buildx imagetools',
  'compose',
  'exec',
  'image ls',
  'inspect',
  'logs',
  'restart',
  'rm',
  'run',
  'stop',
  'system df',
];
/** Of this repository, or made by an operator by its scripts. */
const PATH = /(?<![\w/.:-])(?:\.\/)?((?:docker|nginx|scripts|secrets|dist|docs)\/[\w./-]*\w)/g;

/** Of the compose file, and of the second one that the runbook tells how to write. */
const services = new Set([...Object.keys(compose.services), 'alertmanager']);
const profiles = new Set(Object.values(compose.services).flatMap((service) => service.profiles));
const secrets = new Set([
  ...Object.values(compose.secrets).map(({ file }) => file.replace('./', '')),
  'secrets/redis_password',
  // What procedures write, before it takes the place of a secret.
  'secrets/.next',
]);
/** The commands of `orderdesk-mcp`, such as `tenant list`: a unit test holds this page to the program. */
const commands = new Set(
  [
    ...readFileSync(join(projectRoot, 'docs/COMMANDS.md'), 'utf8').matchAll(
      /^\| `([a-z]+(?: [a-z]+)?)(?=[ `])/gm,
    ),
  ].map(([, name = '']) => name),
);

/** One sentence for each thing that is not there, or not known here; empty for a good block. */
export function faultsOf(block: string): readonly string[] {
  const syntax = spawnSync('bash', ['-n'], { input: block, encoding: 'utf8' });
  return [
    ...(syntax.status === 0 ? [] : [syntax.stderr.trim()]),
    ...composeCommands(block).flatMap(composeFaults),
    ...dockerFaults(block),
    ...pathFaults(block),
    ...commandFaults(block),
  ];
}

/** Of text or of a block: what it calls of `orderdesk-mcp` and does not exist. */
export function commandFaults(text: string): readonly string[] {
  const named = text.matchAll(/(?:\borderdesk-mcp|dist\/cli\.js) ([a-z]+)(?: ([a-z]+))?/g);
  return [...named].flatMap(([, first = '', second = '']) =>
    commands.has(first) || commands.has(`${first} ${second}`)
      ? []
      : [`orderdesk-mcp has no command ${first} ${second}`],
  );
}

/** The words of each `docker compose …`, without quotes. */
const composeCommands = (block: string): string[][] =>
  [...joined(block).matchAll(/\bdocker compose ((?:"[^"]*"|'[^']*'|[^|;&)\n"'])*)/g)].map(([, rest = '']) =>
    [...rest.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word.replace(/^(["'])(.*)\1$/, '$2')),
  );

const joined = (block: string): string => block.replace(/\\\n\s*/g, ' ');

function composeFaults(words: readonly string[]): string[] {
  const faults: string[] = [];
  const left = [...words];
  while (left[0] === '--profile') {
    const [, profile = ''] = left.splice(0, 2);
    if (!profiles.has(profile)) faults.push(`no profile ${profile}`);
  }
  const subcommand = left.shift() ?? '';
  const valued = COMPOSE[subcommand];
  if (valued === undefined)
    return [...faults, `docker compose has no ${subcommand}, as far as is known here`];
  while (left.length > 0) {
    const word = left.shift() ?? '';
    if (valued.includes(word)) {
      const value = left.shift() ?? '';
      const [scaled = ''] = value.split('=');
      if (word === '--scale' && !services.has(scaled)) faults.push(`no service ${scaled} to scale`);
    } else if (word.startsWith('-')) {
      if (!FLAGS.has(word))
        faults.push(`docker compose ${subcommand} has no ${word}, as far as is known here`);
    } else {
      if (!services.has(word)) faults.push(`no service ${word}`);
      if (WITH_COMMAND.includes(subcommand)) break;
    }
  }
  return faults;
}

const dockerFaults = (block: string): string[] =>
  [...joined(block).matchAll(/(?:^|[|;&(]|\bdo) *docker ([a-z]+)(?: ([a-z]+))?/gm)].flatMap(
    ([, first = '', second = '']) =>
      DOCKER.includes(first) || DOCKER.includes(`${first} ${second}`)
        ? []
        : [`docker has no ${first} ${second}`],
  );

const pathFaults = (block: string): string[] =>
  [...block.matchAll(PATH)].flatMap(([, path = '']) => {
    const known = path.startsWith('secrets/') ? secrets.has(path) : existsSync(join(projectRoot, path));
    return known ? [] : [`${path} does not exist`];
  });
