/** A rollback: the release before the newest migration runs its own tests on the schema of this release. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { readMigrations } from '../../../src/storage/migration-files.js';
import { projectRoot } from '../../support/running-program.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const run = promisify(execFile);
const SCRIPT = 'scripts/rehearse-rollback.mjs';

const rehearse = (root: string, ...args: string[]) =>
  run(process.execPath, [join(root, SCRIPT), ...args], {
    maxBuffer: 32 << 20,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TEST_POSTGRES_URL: inject('postgresUrl'),
      TEST_REDIS_URL: inject('redisUrl'),
    },
  });

describe('the release before', () => {
  it('passes its own tests on the schema of this release', { timeout: 400_000 }, async () => {
    const report = join(await temporaryFolder(), 'report.json');
    const { stdout } = await rehearse(projectRoot, '--json', report).catch(
      (thrown: { stdout?: string; stderr?: string }) => {
        throw new Error(`The rehearsal failed:\n${thrown.stdout?.slice(-6_000)}${thrown.stderr}`);
      },
    );
    const newest = (await readMigrations()).length;
    expect(stdout).toMatch(new RegExp(`made for schema ${newest - 1}, on schema ${newest}\\.`));
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8'));
    expect(numFailedTests).toBe(0);
    expect(numPassedTests).toBeGreaterThan(150);
  });

  it('is not known without the history, and one line says so', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'scripts'));
    await copyFile(join(projectRoot, SCRIPT), join(folder, SCRIPT));
    await expect(rehearse(folder)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^git rev-parse failed: the rehearsal needs the repository.*\n$/),
    });
    await run('git', ['init', '--quiet', folder]);
    await run('git', [
      '-C',
      folder,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@example.com',
      'commit',
      '-qm',
      'one',
      '--allow-empty',
    ]);
    const head = (await run('git', ['-C', folder, 'rev-parse', 'HEAD'])).stdout;
    await writeFile(join(folder, '.git/shallow'), head);
    await expect(rehearse(folder)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The history is cut off.*\n$/),
    });
  });
});
