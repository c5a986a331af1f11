/**
 * Replays the steps of a Dockerfile without a container engine: each stage has a folder in the place of its root file
 * system, COPY copies into it, RUN runs a shell in it. What would reach out of the folder is refused.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, posix, relative } from 'node:path';
import { readIgnoreFile } from './ignore-file.mjs';
import { execForm, pairsOf, readDockerfile, refused } from './read-dockerfile.mjs';

/**
 * @typedef {import('./read-dockerfile.mjs').Step} Step
 * @typedef {{ root: string, workdir: string, env: Record<string, string>, args: Record<string, string>,
 *   labels: Record<string, string>, command: string[], entrypoint: string[], healthCheck: string[],
 *   user: string | undefined, stopSignal: string }} Image
 * @typedef {{ context: string, dockerfile: string, target: string, node: string, buildArgs?: Record<string, string> }} Replay
 */

/** Of the caller's environment, what `npm` needs to reach its registry, and nothing that steers Node or the build. */
const OF_THE_CALLER = /^(HOME|LANG|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|(https?|no)_proxy|npm_config_.*)$/i;

/** @param {Replay} replay @returns {Promise<Image>} the last stage @throws {Error} for a step that fails or is not understood */
export async function replaySteps(replay) {
  const stages = readDockerfile(readFileSync(replay.dockerfile, 'utf8'));
  const letsIn = readIgnoreFile(join(replay.context, '.dockerignore'));
  /** @type {Map<string, Image>} */
  const built = new Map();
  for (const [index, stage] of stages.entries()) {
    const root = join(replay.target, `stage-${index}`);
    mkdirSync(root, { mode: 0o755 });
    /** @type {Image} */
    const image = {
      ...{ root, workdir: '/', env: {}, args: {}, labels: {} },
      ...{ command: [], entrypoint: [], healthCheck: [], user: undefined, stopSignal: 'SIGTERM' },
    };
    for (const step of stage.steps) await take(step, image, { replay, built, letsIn });
    built.set(stage.name ?? `${index}`, image);
  }
  const last = [...built.values()].at(-1);
  if (last === undefined) throw new Error('The Dockerfile has no stage.');
  return last;
}

/**
 * @param {Step} step @param {Image} image
 * @param {{ replay: Replay, built: Map<string, Image>, letsIn: (path: string) => boolean }} around
 */
async function take(step, image, { replay, built, letsIn }) {
  switch (step.keyword) {
    case 'ARG': {
      const [name = '', value = ''] = step.text.split('=', 2);
      image.args[name] = replay.buildArgs?.[name] ?? value;
      return;
    }
    case 'ENV':
      Object.assign(image.env, pairsOf(step, image.args));
      return;
    case 'LABEL':
      Object.assign(image.labels, pairsOf(step, image.args));
      return;
    case 'WORKDIR':
      image.workdir = posix.resolve(image.workdir, plain(step, step.text));
      mkdirSync(join(image.root, image.workdir), { recursive: true, mode: 0o755 });
      return;
    case 'COPY':
      copy(step, image, { replay, built, letsIn });
      return;
    case 'RUN':
      await run(step, image, replay.node);
      return;
    case 'USER':
      image.user = plain(step, step.text);
      return;
    case 'STOPSIGNAL':
      image.stopSignal = plain(step, step.text);
      return;
    case 'ENTRYPOINT':
      image.entrypoint = execForm(step);
      return;
    case 'CMD':
      image.command = execForm(step);
      return;
    case 'HEALTHCHECK':
      if (!step.text.startsWith('CMD ')) throw refused(step, 'a form other than CMD');
      image.healthCheck = execForm(step, step.text.slice('CMD '.length));
      return;
    case 'EXPOSE':
      return;
    default:
      throw refused(step, 'the instruction');
  }
}

/** @param {Step} step @param {Image} image @param {{ replay: Replay, built: Map<string, Image>, letsIn: (path: string) => boolean }} around */
function copy(step, image, { replay, built, letsIn }) {
  const paths = step.args.map((path) => plain(step, path));
  const sources = paths.slice(0, -1);
  const to = join(image.root, posix.resolve(image.workdir, paths.at(-1) ?? ''));
  const intoFolder = /(^|\/)\.?$/.test(paths.at(-1) ?? '');
  if (sources.length === 0 || (sources.length > 1 && !intoFolder)) throw refused(step, 'this form');
  const { from } = step.flags;
  const origin = from === undefined ? replay.context : built.get(from)?.root;
  if (origin === undefined) throw refused(step, `--from=${from}, no earlier stage, `);
  for (const source of sources) {
    const path = join(origin, source);
    if (!existsSync(path) || (from === undefined && !letsIn(posix.normalize(source)))) {
      throw new Error(`Dockerfile line ${step.line}: ${source} is not in the build context.`);
    }
    const target = statSync(path).isDirectory() || !intoFolder ? to : join(to, basename(source));
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
    cpSync(path, target, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (each) => from !== undefined || letsIn(relative(origin, each).replaceAll('\\', '/')),
    });
  }
}

/** @param {Step} step @param {Image} image @param {string} node */
async function run(step, image, node) {
  if (step.text.startsWith('[')) throw refused(step, 'exec form');
  if (/(^|[\s=>'"])\//.test(step.text) || step.text.includes('..')) {
    throw refused(step, 'a path out of the working folder');
  }
  const caller = Object.entries(process.env).filter(([name]) => OF_THE_CALLER.test(name));
  const shell = spawn('/bin/sh', ['-c', step.text], {
    cwd: join(image.root, image.workdir),
    env: {
      ...Object.fromEntries(caller),
      npm_config_prefer_offline: 'true',
      npm_config_loglevel: 'error',
      PATH: `${dirname(node)}:${process.env.PATH}`,
      ...image.args,
      ...image.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(shell, 'close');
  if (code !== 0) throw new Error(`Dockerfile line ${step.line}: RUN ended with ${code}:\n${output}`);
}

/** @param {Step} step @param {string} text */
function plain(step, text) {
  if (/[$*?[\]\\"']|(^|\/)\.\.(\/|$)/.test(text)) throw refused(step, `"${text}"`);
  return text;
}

/** Number of files and their bytes below a folder. @param {string} folder @returns {{ files: number, bytes: number }} */
export function sizeOf(folder) {
  let files = 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    files += 1;
    bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return { files, bytes };
}

/** Takes from everybody the right to write below a folder, as a read-only root file system does. @param {string} folder */
export function makeReadOnly(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink()) chmodSync(path, statSync(path).mode & 0o555);
  }
  chmodSync(folder, 0o555);
}
