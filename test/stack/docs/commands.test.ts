/**
 * The commands of the documents for operators. `sh run` is carried out as it stands, on a local installation; `sh docker` is
 * held against what there is, and so are commands in the text; a block of shell without a mark is a fault.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../support/running-program.js';
import { type Block, blocksOf, openShell, type Shell } from '../../support/stack/documents.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { commandFaults, faultsOf } from './docker-commands.js';
import { type Installation, startInstallation } from './installation.js';

const RUNBOOK = 'docs/PRODUCTION-RUNBOOK.md';
const BACKUP = 'docs/BACKUP.md';
const DOCUMENTS = [RUNBOOK, BACKUP, 'docs/DEPLOYMENT-DOCKER.md', 'nginx/README.md'];

/** What a block may be. Those of other languages are examples of files, or have tests of their own (`promql`). */
const SHELL = ['', 'sh', 'bash', 'shell', 'console'];
const NOT_RUN = ['sh docker', 'sh client', 'sh host'];
const MARKS = ['sh run', ...NOT_RUN];
/** The one command for Docker that has the same meaning without it. */
const RESTART = 'docker/restart-replicas.sh';

/** What a block prints, where it is not enough that it succeeds: by what it begins with. */
const PRINTS: readonly (readonly [begin: string, output: RegExp])[] = [
  ['npx orderdesk-mcp tenant list', /acme/],
  ['npx orderdesk-mcp changes list --tenant acme --state unknown', /add_shipments/],
  ['npx orderdesk-mcp changes settle', /applied/],
  ['npx orderdesk-mcp key list', /odm_[0-9A-Za-z_]{49}/],
  ['npx orderdesk-mcp tenant suspend acme', /suspended/],
  ['npx orderdesk-mcp changes export --tenant former', /destroyed|deleted/],
  ['npx orderdesk-mcp vault rewrap', /remaining: 0/],
  ['curl --silent --show-error --fail "$BASE_URL/health/ready"', /"status":"ready"/],
  ['bearer() {', /build_info\{[\s\S]*"overrides"/],
  ['scripts/backup.sh', /orderdesk-\w+\.dump/],
  ['scripts/restore.sh', /holds schema \d+/],
];

const textOf = (document: string): string => readFileSync(join(projectRoot, document), 'utf8');
const blocks = DOCUMENTS.flatMap((document) => blocksOf(document, textOf(document)));
const titled = (chosen: readonly Block[]) =>
  chosen.map((block): [string, Block] => [`${block.document}:${block.line} (${block.section})`, block]);
/** Under a heading whose commands gave the replicas something new to read. */
const isRestart = ({ mark, text, document, section, line }: Block): boolean =>
  mark === 'sh docker' &&
  text === RESTART &&
  blocks.some(
    (other) =>
      other.mark === 'sh run' &&
      other.document === document &&
      other.section === section &&
      other.line < line,
  );

/** What is word for word as before in a document shows nothing new. */
const carriedOut = blocks.filter(
  (block, at) =>
    isRestart(block) ||
    (block.mark === 'sh run' &&
      !blocks.slice(0, at).some(({ document, text }) => document === block.document && text === block.text)),
);

describe('the documents', () => {
  it('have no block of commands that is neither carried out nor checked, and none without a language', () => {
    const unmarked = blocks.filter(
      ({ mark }) => SHELL.includes(mark.split(' ', 1)[0] ?? '') && !MARKS.includes(mark),
    );
    expect(titled(unmarked).map(([title]) => title)).toEqual([]);
    for (const mark of MARKS.slice(0, 2)) {
      expect(blocks.filter((block) => block.mark === mark).length, mark).toBeGreaterThan(10);
    }
  });

  it.each(titled(blocks.filter(({ mark }) => NOT_RUN.includes(mark))))(
    '%s names what is there',
    (_title, block) => {
      expect(faultsOf(block.text)).toEqual([]);
    },
  );

  it.each(DOCUMENTS)('%s names in its text only commands that exist', (document) => {
    expect(commandFaults(textOf(document))).toEqual([]);
  });

  it('would be found wrong if they were', () => {
    expect(
      faultsOf(
        'docker compose logs mpc\ndocker compose upp\ndocker compose exec mcp node dist/cli.js tenant kill\ncat docker/none.sh | (',
      ),
    ).toHaveLength(5);
    expect(blocksOf('a', '# B\n1. c\n   ```sh run\n   d\n     e\n   ```')).toEqual([
      { document: 'a', section: 'B', line: 3, mark: 'sh run', text: 'd\n  e' },
    ]);
  });
});

describe('the shell of a section', () => {
  it('keeps variables from block to block, and stops at the first command that fails', async () => {
    const folder = await temporaryFolder();
    const shell = openShell(folder, folder, { PATH: process.env.PATH });
    expect(await shell.run('name=kept')).toMatchObject({ code: 0 });
    expect(await shell.run('echo "$name"; cat')).toMatchObject({ code: 0, stdout: 'kept\n' });
    expect(await shell.run('false | true\necho "$unset"')).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('the commands of the documents', () => {
  let installation: Installation;
  let shell: Shell | undefined;
  let before: Block | undefined;
  let folder = '';
  let dump = '';
  beforeAll(async () => {
    installation = await startInstallation();
  });
  afterAll(async () => {
    shell?.close();
    await installation?.close();
  });

  /** The folder of dumps in the document about backups, and the database that is empty where it restores. */
  const extraEnv = async ({ document, section }: Block): Promise<NodeJS.ProcessEnv> => {
    if (document !== BACKUP) return {};
    if (section !== 'Restore') return { BACKUPS: folder };
    return { DUMP: dump, MIGRATE_DATABASE_URL_FILE: await installation.emptyDatabase() };
  };

  const shellFor = async (block: Block): Promise<Shell> => {
    if (before?.document !== block.document) {
      const secrets = block.document === RUNBOOK ? 'running' : 'none';
      folder = installation.clone(block.document.replaceAll('/', '-'), secrets);
    }
    if (shell === undefined || before?.document !== block.document || before.section !== block.section) {
      shell?.close();
      shell = openShell(folder, installation.scratch, { ...installation.env, ...(await extraEnv(block)) });
    }
    before = block;
    return shell;
  };

  it.each(titled(carriedOut))('%s', async (_title, block) => {
    if (isRestart(block)) {
      expect(await installation.replicas.stop(0)).toBe(0);
      await installation.replicas.start(0);
      return;
    }
    const outcome = await (await shellFor(block)).run(block.text);
    if (outcome.code !== 0) shell = undefined;
    expect(outcome.code, `${block.text}\n${outcome.stdout}${outcome.stderr}`).toBe(0);
    if (block.text.startsWith('scripts/backup.sh')) dump = outcome.stdout.trim();
    for (const [begin, output] of PRINTS) {
      if (block.text.startsWith(begin)) expect(outcome.stdout).toMatch(output);
    }
  });

  it('have all been carried out whose output is known', () => {
    const begun = PRINTS.filter(([begin]) =>
      blocks.some(({ mark, text }) => mark === 'sh run' && text.startsWith(begin)),
    );
    expect(begun).toEqual(PRINTS);
  });

  it('have left a ring of the new key alone, on which the replica has started', () => {
    const ring = readFileSync(join(installation.scratch, 'secrets/mcp_kms_key'), 'utf8');
    expect(ring).toMatch(/^k2:[^,]+$/);
  });
});
