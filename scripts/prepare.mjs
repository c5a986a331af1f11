/** Builds after an install, where what builds was installed: an install for running only has no compiler. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

if (existsSync(`${root}node_modules/typescript`)) {
  process.exitCode =
    spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' }).status ?? 1;
} else {
  process.stdout.write('not built: the compiler is a development dependency\n');
}
