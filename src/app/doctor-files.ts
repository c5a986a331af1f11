/** The checks of what lies on this machine: files of secrets, the data folder, the room on its disk. */
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { hasCredentials } from '../config/proxies.js';
import { variableList } from '../config/variables.js';
import { secretsFolder } from '../demo/secrets.js';
import { type DiskUse, diskOf } from './disk.js';
import { type Check, type Finding, ok, refusedBy, skipped, warned } from './finding.js';
import type { AppConfig } from './foundation.js';
import { diskStatus } from './health-verdict.js';
import { dataFolderProblem } from './system-problems.js';

/** Bits of a mode that let other accounts of the machine in. */
const OTHERS = 0o007;
const ALL_BUT_OWNER = 0o077;

export const fileChecks = (config: AppConfig, env: NodeJS.ProcessEnv): readonly Check[] => [
  { name: 'secrets', run: () => secrets(config, env) },
  { name: 'data folder', run: () => dataFolder(config) },
  { name: 'disk', run: () => disk(config) },
];

const secretVariables = variableList.filter(([, { secret }]) => secret);

/** A proxy without a password is no secret, though its variable may hold one. */
const holdsSecret = (name: string, value: string): boolean =>
  value !== '' && (!name.endsWith('_PROXY') || hasCredentials(value));

/** Where secrets come from, by the names of their variables: the path of a file may itself be a slip. */
async function secrets({ profile }: AppConfig, env: NodeJS.ProcessEnv): Promise<Finding> {
  const inline = secretVariables.flatMap(([name, { lowerCaseToo }]) => {
    const written = lowerCaseToo ? [name, name.toLowerCase()] : [name];
    return written.some((each) => holdsSecret(name, env[each]?.trim() ?? '')) ? [name] : [];
  });
  const files = secretVariables.flatMap(([name]) => {
    const path = env[`${name}_FILE`]?.trim() ?? '';
    return path === '' ? [] : [{ name: `${name}_FILE`, path }];
  });
  const open: string[] = [];
  for (const { name, path } of files) {
    // What a container is given lies in a folder of its own, which no other account sees.
    if (path.startsWith('/run/secrets/')) continue;
    if (((await stat(path)).mode & OTHERS) !== 0) open.push(name);
  }
  if (open.length > 0) {
    return warned(
      `Other accounts of this machine may read ${open.join(', ')}. Take that from them: chmod 600.`,
    );
  }
  if (profile === 'production' && inline.length > 0) {
    return warned(
      `${inline.join(', ')} ${inline.length === 1 ? 'stands' : 'stand'} in the environment, which whatever starts or inspects the process can show. Name files instead: the same with _FILE.`,
    );
  }
  const count = files.length + inline.length;
  return count === 0
    ? skipped('None is given.')
    : ok(`${files.length} of ${count} in files that no other account reads.`);
}

async function dataFolder({ database, dataDir }: AppConfig): Promise<Finding> {
  if (database.kind === 'postgres') return skipped('Postgres keeps the data.');
  const held = await nearest(resolve(dataDir));
  try {
    await access(held, constants.W_OK | constants.X_OK);
  } catch (thrown) {
    return refusedBy(dataFolderProblem(thrown, dataDir));
  }
  if (held !== resolve(dataDir)) return ok('The first start makes it.');
  const open = [];
  for (const path of [dataDir, ...(await filesOf(secretsFolder(dataDir)))]) {
    const mode = (await stat(path)).mode;
    if ((mode & (path === dataDir ? OTHERS : ALL_BUT_OWNER)) !== 0) open.push(path);
  }
  return open.length === 0
    ? ok('It can be written to, and other accounts see nothing of it.')
    : warned(
        `Other accounts of this machine may look into ${open.join(', ')}. Take that from them: chmod -R go= ${dataDir}`,
      );
}

/** The folder itself, or what would hold it. */
async function nearest(folder: string): Promise<string> {
  try {
    await stat(folder);
    return folder;
  } catch (thrown) {
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    if (!missing || dirname(folder) === folder) return folder;
    return nearest(dirname(folder));
  }
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).map((name) => join(folder, name));
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
    throw thrown;
  }
}

const disk = async ({ dataDir }: AppConfig): Promise<Finding> => diskFinding(await diskOf(dataDir)());

/** By the edges of `/health/detailed`, so that both say the same of one disk. */
export function diskFinding(use: DiskUse | undefined): Finding {
  if (use === undefined) return skipped('The system does not tell.');
  const words = `${Math.round(use.usedRatio * 100)} % of the disk of DATA_DIR is in use, ${Math.round(use.freeBytes / 2 ** 20)} MiB are free.`;
  switch (diskStatus(use.usedRatio)) {
    case 'ok':
      return ok(words);
    case 'warn':
      return warned(`${words} Make room.`);
    case 'critical':
      return warned(`${words} Make room now: a full disk ends every write.`);
  }
}
