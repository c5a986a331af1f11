/** Puts beside the compiled sources what the compiler does not copy: the migrations, and the seed made of them. */
import { cp, readdir, rm } from 'node:fs/promises';

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
