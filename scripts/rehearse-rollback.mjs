/**
 * Rehearses a rollback: the tests of the release before, with its own code, on the schema of this release.
 *
 *   node scripts/rehearse-rollback.mjs [--release <commit>] [--json <file>]
 *
 * The release before is the commit before the one that added the newest migration: the newest that knows one schema
 * less. It is checked out in a temporary folder and gets the migrations of this working tree, and its tests that touch
 * the database run there. The services come from TEST_POSTGRES_URL and TEST_REDIS_URL, or are started by its tests.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const MIGRATIONS = 'src/storage/migrations';

/** What works on the tables. A release that lacks one of these had not its part of the schema yet. */
const SUITES = [
  'test/contract/database/postgres.test.ts',
  'test/integration/storage/postgres-role.test.ts',
  'test/integration/tenancy',
  'test/integration/changes',
  'test/stack/ledger/postgres.test.ts',
];

/**
 * Left out: the part of the contract that lists every table there is, which a newer schema has more of. Nothing else
 * is: a test that fails on the newer schema says that a rollback would fail.
 */
const LISTS_NO_TABLES = '^(?!.* the schema )';

class Refused extends Error {}

/** @param {string[]} args */
const git = (...args) => {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  } catch (thrown) {
    throw new Refused(`git ${args[0]} failed: the rehearsal needs the repository with its history.`, {
      cause: thrown,
    });
  }
};

/** @returns {string} */
function releaseBefore() {
  if (git('rev-parse', '--is-shallow-repository') === 'true') {
    throw new Refused('The history is cut off (a shallow clone): fetch all of it to rehearse a rollback.');
  }
  const newest = readdirSync(join(root, MIGRATIONS)).sort().at(-1);
  const added = git('log', '--diff-filter=A', '--format=%H', '-1', '--', `${MIGRATIONS}/${newest}`);
  // One that is not committed yet: what is committed is the release before.
  if (added === '') return git('rev-parse', 'HEAD');
  return git('rev-parse', `${added}^`);
}

/**
 * Its files without its history: nothing is left in the repository, whatever ends this.
 * @param {string} commit
 * @param {string} folder
 */
function unpack(commit, folder) {
  const archive = join(folder, 'release.tar');
  git('archive', '--format=tar', `--output=${archive}`, commit);
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  rmSync(archive);
}

/**
 * Whether what is installed here serves a release with this lock file: everything that it locks is locked here too, in
 * the same version. What is here beyond that is not asked for.
 * @param {string} lockFile
 */
function isInstalledHere(lockFile) {
  const [theirs, ours] = [lockFile, join(root, 'package-lock.json')].map(
    (file) => JSON.parse(read(file)).packages,
  );
  return Object.entries(theirs).every(
    ([path, { version }]) => path === '' || ours[path]?.version === version,
  );
}

/** @param {string[]} path */
const read = (...path) => readFileSync(join(...path), 'utf8');

/**
 * Something of this working tree, where it is there.
 * @param {string} folder of the release
 * @param {string} path
 */
function linkInto(folder, path) {
  if (!existsSync(join(root, path))) return;
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  symlinkSync(join(root, path), join(folder, path));
}

/** @param {string} folder of the release */
function installInto(folder) {
  if (isInstalledHere(join(folder, 'package-lock.json'))) {
    linkInto(folder, 'node_modules');
  } else {
    const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status } = spawnSync('npm', flags, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Refused('What the release before depends on could not be installed.');
  }
  // What its tests would otherwise make or install for themselves: the programs beside them, where their lock files are
  // the same, and the seed of the embedded database, which is made of the migrations that lie there now.
  const lock = 'test/peers/package-lock.json';
  const sameLock = existsSync(join(folder, lock)) && read(root, lock) === read(folder, lock);
  if (sameLock) linkInto(folder, 'test/peers/node_modules');
  for (const file of ['dist/storage/seed.json', 'dist/storage/seed.tar.gz']) linkInto(folder, file);
}

/**
 * @param {string} folder of the release
 * @param {string} report where to write what became of each test
 * @returns {number} the exit code of its tests
 */
function runSuites(folder, report) {
  const suites = SUITES.filter((suite) => existsSync(join(folder, suite)));
  if (suites.length === 0) throw new Refused('The release before has no test that touches the database.');
  const projects = [...new Set(suites.map((suite) => suite.split('/')[1]))].flatMap((tier) => [
    '--project',
    `${tier}`,
  ]);
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects,
    '--testNamePattern',
    LISTS_NO_TABLES,
    ...suites,
  ];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // A run of tests that runs this one has said things to its own tests that these must not hear.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$)/.test(name)),
  );
  const { status } = spawnSync(process.execPath, [...vitest, ...reporters], {
    cwd: folder,
    env,
    stdio: 'inherit',
  });
  return status ?? 1;
}

/**
 * @param {string | undefined} wanted a commit
 * @param {string | undefined} json
 */
function rehearse(wanted, json) {
  const commit = git('rev-parse', '--verify', `${wanted ?? releaseBefore()}^{commit}`);
  const folder = mkdtempSync(join(tmpdir(), 'odm-release-before-'));
  try {
    unpack(commit, folder);
    const own = readdirSync(join(folder, MIGRATIONS)).length;
    cpSync(join(root, MIGRATIONS), join(folder, MIGRATIONS), { recursive: true });
    const laid = readdirSync(join(folder, MIGRATIONS)).length;
    installInto(folder);
    process.stdout.write(`Release ${commit.slice(0, 9)}, made for schema ${own}, on schema ${laid}.\n`);
    return runSuites(folder, json ?? join(folder, 'report.json'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { release: { type: 'string' }, json: { type: 'string' } } });
try {
  process.exitCode = rehearse(values.release, values.json);
} catch (thrown) {
  if (!(thrown instanceof Refused)) throw thrown;
  process.stderr.write(`${thrown.message}\n`);
  process.exitCode = 1;
}
