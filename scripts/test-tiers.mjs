/**
 * Runs the tiers of tests that `npm test` leaves out, one after the other, since some of them measure time. A tier
 * without test files is passed over. With `--list` it prints their names instead.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const tiers = ['security', 'chaos', 'conformance', 'stack', 'load'].filter((tier) => {
  const folder = `${root}/test/${tier}`;
  return (
    existsSync(folder) &&
    readdirSync(folder, { recursive: true }).some((name) => `${name}`.endsWith('.test.ts'))
  );
});

if (process.argv.includes('--list')) {
  process.stdout.write(tiers.map((tier) => `${tier}\n`).join(''));
} else {
  for (const tier of tiers) {
    const run = spawnSync('npx', ['--no-install', 'vitest', 'run', '--project', tier], {
      cwd: root,
      stdio: 'inherit',
    });
    if (run.status !== 0) process.exitCode = 1;
  }
}
