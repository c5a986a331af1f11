/** Installs the programs of `test/peers` unless the versions of its lock file are there already. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../test/peers/', import.meta.url));

/** @param {string} path */
const manifest = (path) => JSON.parse(readFileSync(`${folder}${path}/package.json`, 'utf8'));

const isInstalled = () => {
  try {
    return Object.entries(manifest('.').dependencies).every(
      ([name, version]) => manifest(`node_modules/${name}`).version === version,
    );
  } catch {
    return false;
  }
};

if (!isInstalled()) {
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', flags, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(
      'The programs that the tests run could not be installed: run "npm ci" in test/peers.\n',
    );
    process.exitCode = 1;
  }
}
