/**
 * The lock on a data folder: `lock.json`, made with O_EXCL and kept alive by a heartbeat. The embedded database does
 * not notice a second process on its files, so this lock is what stands between a second start and a broken database.
 *
 * Taking over: only who holds the right to remove one certain lock (a lock file of its own, named after that lock's
 * nonce) may remove it. Two processes that both find a dead lock can therefore not remove each other's new one.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  formatLockRecord,
  HEARTBEAT_LIMIT_MS,
  isStale,
  type LockRecord,
  parseLockRecord,
} from './lock-record.js';
import { type ProcessTable, systemProcesses } from './process-table.js';

const LOCK_FILE = 'lock.json';
const HEARTBEAT_INTERVAL_MS = 3_000;
/** Each new attempt means that another process has just removed or taken a lock. */
const ATTEMPTS = 20;

export interface DataDirLock {
  /** The locked folder, absolute. */
  readonly dir: string;
  /** Stops the heartbeat and removes the lock file. Safe to call twice. */
  release(): Promise<void>;
}

export interface LockDeps {
  readonly processes?: ProcessTable;
  readonly now?: () => Date;
  readonly heartbeatIntervalMs?: number;
  /** Told when the heartbeat cannot be written, or when somebody removed the lock of this living process. */
  readonly onTrouble?: (trouble: Error) => void;
}

/** Another process uses the data folder. The message names process and folder: for the operator, not for clients. */
export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse';
  readonly dir: string;
  /** `undefined` when the other process is only just taking the lock. */
  readonly pid: number | undefined;
  readonly host: string | undefined;

  constructor(dir: string, holder: Pick<LockRecord, 'pid' | 'host'> | undefined) {
    const who = holder === undefined ? 'another process' : `process ${holder.pid} on host ${holder.host}`;
    super(
      `The data folder ${dir} is in use by ${who}. Stop that process, or choose another folder with DATA_DIR. ` +
        `If there is no such process, wait ${HEARTBEAT_LIMIT_MS / 1000} seconds or delete ${LOCK_FILE} in the folder.`,
    );
    this.dir = dir;
    this.pid = holder?.pid;
    this.host = holder?.host;
  }
}

/**
 * Makes the folder if need be (for its owner only) and takes its lock.
 * @throws DataDirInUse
 */
export async function acquireDataDirLock(dir: string, deps: LockDeps = {}): Promise<DataDirLock> {
  const folder = resolve(dir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const owner: Owner = {
    folder,
    nonce: randomUUID(),
    processes: deps.processes ?? systemProcesses(),
    now: deps.now ?? (() => new Date()),
  };
  const path = join(folder, LOCK_FILE);
  const file = await obtain(path, owner);
  const beat = startHeartbeat(file, owner, deps);
  let released: Promise<void> | undefined;
  const release = async () => {
    await beat.stop();
    await file.close();
    const present = await look(path, owner);
    if (present.state !== 'absent' && present.record?.nonce === owner.nonce) await unlink(path);
  };
  return {
    dir: folder,
    release: () => {
      released ??= release();
      return released;
    },
  };
}

interface Owner {
  readonly folder: string;
  readonly nonce: string;
  readonly processes: ProcessTable;
  readonly now: () => Date;
}

async function obtain(path: string, owner: Owner): Promise<FileHandle> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const created = await create(path, owner);
    if (created !== undefined) return created;
    const found = await look(path, owner);
    if (found.state === 'held') throw new DataDirInUse(owner.folder, found.record);
    if (found.state === 'stale') await removeStale(path, found.record?.nonce, owner);
  }
  throw new DataDirInUse(owner.folder, undefined);
}

/** Removes the lock with this nonce, unless somebody else has meanwhile. */
async function removeStale(path: string, nonce: string | undefined, owner: Owner): Promise<void> {
  const right = `${path}.${nonce ?? 'unreadable'}`;
  const file = await obtain(right, owner);
  try {
    const again = await look(path, owner);
    if (again.state === 'stale' && again.record?.nonce === nonce) await unlink(path);
  } finally {
    await file.close();
    await unlink(right);
  }
}

async function create(path: string, owner: Owner): Promise<FileHandle | undefined> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.write(formatLockRecord(owner.nonce, owner.processes.self, owner.now()), 0);
    return file;
  } catch (thrown) {
    if (hasCode(thrown, 'EEXIST')) return undefined;
    throw thrown;
  }
}

type Sighting =
  | { readonly state: 'absent' }
  | { readonly state: 'held' | 'stale'; readonly record: LockRecord | undefined };

async function look(path: string, owner: Owner): Promise<Sighting> {
  try {
    const record = parseLockRecord(await readFile(path, 'utf8'));
    // Unreadable: being written at this moment, or left so by a power cut.
    const stale =
      record === undefined
        ? owner.now().getTime() - (await stat(path)).mtimeMs > HEARTBEAT_LIMIT_MS
        : isStale(record, owner.processes, owner.now());
    return { state: stale ? 'stale' : 'held', record };
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return { state: 'absent' };
    throw thrown;
  }
}

/** Writes through the handle of the file that was made: a lock that was taken away is never written over. */
function startHeartbeat(file: FileHandle, owner: Owner, deps: LockDeps): { stop(): Promise<void> } {
  let running = Promise.resolve();
  const beat = async () => {
    await file.write(formatLockRecord(owner.nonce, owner.processes.self, owner.now()), 0);
    if ((await file.stat()).nlink === 0)
      throw new Error(`The lock on ${owner.folder} was removed by somebody else.`);
  };
  const timer = setInterval(() => {
    running = running.then(beat).catch((thrown: unknown) => {
      deps.onTrouble?.(thrown instanceof Error ? thrown : new Error(String(thrown)));
    });
  }, deps.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      return running;
    },
  };
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}
