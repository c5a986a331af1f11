/** Puts beside the compiled sources what the compiler does not copy: the migrations, the seed made of them, the commit. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const source = new URL('../src/storage/migrations/', import.meta.url);
const target = new URL('../dist/storage/migrations/', import.meta.url);

await cp(source, target, { recursive: true });
const wanted = new Set(await readdir(source));
for (const file of await readdir(target)) {
  if (!wanted.has(file)) await rm(new URL(file, target));
}

/** @param {string} module a compiled module of the storage room */
const built = (module) => import(new URL(`../dist/storage/${module}`, import.meta.url).href);

const { readMigrations } = await built('migration-files.js');
const { writeSeed } = await built('seed.js');
const outcome = await writeSeed(await readMigrations());
if (outcome !== 'up to date') process.stdout.write(`database seed: ${outcome}\n`);

await writeFile(new URL('../dist/build.json', import.meta.url), `${JSON.stringify({ commit: commit() })}\n`);

/** Of the sources: what the environment says, since an image is built without the repository; else what git says. */
function commit() {
  const given = process.env.BUILD_COMMIT?.trim() || commitInRepository();
  return /^[\w.-]{1,64}$/.test(given) ? given : 'unknown';
}

function commitInRepository() {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  // Not the commit of whatever repository this happens to lie in.
  if (!existsSync(new URL('../.git', import.meta.url))) return 'unknown';
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // There is no git here, or it does not trust the folder.
    return 'unknown';
  }
}
