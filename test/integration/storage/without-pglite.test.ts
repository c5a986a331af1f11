/** The build on a machine where the optional package was not installed: a process whose resolver does not know it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';

const HOOKS = `export async function resolve(specifier, context, next) {
  if (specifier !== '@electric-sql/pglite') return next(specifier, context);
  throw Object.assign(new Error('not installed'), { code: 'ERR_MODULE_NOT_FOUND' });
}`;
const asModule = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;
const storage = (module: string) => new URL(`../../../dist/storage/${module}`, import.meta.url).href;

it('says which package the embedded database needs, and what else would do', async () => {
  const dir = join(await temporaryFolder(), 'data');
  const program = `
    const { acquireDataDirLock } = await import('${storage('data-dir-lock.js')}');
    const { openEmbedded } = await import('${storage('embedded.js')}');
    const lock = await acquireDataDirLock(process.argv[1]);
    const { code, message, hint } = await openEmbedded(lock).catch((error) => error);
    await lock.release();
    process.stdout.write(JSON.stringify({ code, message, hint }));`;
  const hooked = asModule(
    `import { register } from 'node:module'; register(${JSON.stringify(asModule(HOOKS))});`,
  );
  const args = ['--import', hooked, '--input-type=module', '--eval', program, dir];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual({
    code: 'storage_unavailable',
    message: 'The embedded database needs the optional package @electric-sql/pglite.',
    hint: 'Install with optional dependencies, or set DATABASE_URL to a Postgres database.',
  });
});
