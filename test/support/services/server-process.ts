/**
 * One server program, never as root and never longer than whoever started it: its keeper waits on a pipe, and when
 * the pipe closes, because we let go or because we are gone, it ends the server and removes the server's folder.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Who runs the servers when we are root: Postgres refuses to be. */
export function unprivileged(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const [, , uid, gid] =
    accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('No unprivileged account to run servers as.');
  return { uid: Number(uid), gid: Number(gid) };
}

/** A new folder for a server's data, owned by the account that runs it. */
export function serverFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `odm-${name}-`));
  const account = unprivileged();
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  return folder;
}

/** Below those that systems give to whoever asks for any port: nobody is given one of these between two servers. */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000];

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('listening', () => resolve(true));
      probe.once('error', () => resolve(false));
    });
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

/** `$1` is the signal that ends the server, `$2` its folder, the rest its command line. */
const KEEPER = `
signal=$1; folder=$2; shift 2
exec 3<&0
"$@" </dev/null 3<&- >&2 &
server=$!
echo "$server"
{ cat <&3 >/dev/null; kill -CONT "$server"; kill -"$signal" "$server"; } 2>/dev/null &
exec 3<&- >/dev/null 2>&1
wait "$server"
rm -rf "$folder"
`;

export interface ServerProcess {
  readonly pid: number;
  /** True once it has ended, by itself or because it was stopped. */
  hasEnded(): boolean;
  /** The last lines it wrote. */
  lastWords(): string;
  stop(): Promise<void>;
}

export async function startServerProcess(options: {
  readonly command: readonly string[];
  /** Removed at the end. */
  readonly folder: string;
  readonly endSignal: 'QUIT' | 'KILL';
}): Promise<ServerProcess> {
  const { command, folder, endSignal } = options;
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', endSignal, folder, ...command], {
    ...unprivileged(),
    cwd: folder,
    // A group of its own: an interrupt typed at the terminal reaches us, and we let go in order.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  });
  let words = '';
  keeper.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-4_000);
  });
  const exited = once(keeper, 'exit');
  const first = await Promise.race([once(createInterface({ input: keeper.stdout }), 'line'), exited]);
  const pid = Number(first[0]);
  if (!Number.isInteger(pid) || pid < 2) throw new Error(`could not start ${command[0]}: ${words}`);
  for (const handle of [keeper, keeper.stdin, keeper.stdout, keeper.stderr]) {
    if ('unref' in handle && typeof handle.unref === 'function') handle.unref();
  }
  return {
    pid,
    hasEnded: () => keeper.exitCode !== null || keeper.signalCode !== null,
    lastWords: () => words,
    async stop() {
      keeper.ref();
      keeper.stdin.end();
      await exited;
    },
  };
}

/** Runs a program to its end as the account of the servers. @throws Error with what it wrote */
export function runAsServer(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, {
    ...unprivileged(),
    cwd,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Tries until it works. @throws Error with the server's last words when it ends or takes longer than 30 s */
export async function untilReady(server: ServerProcess, contact: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await contact();
      return;
    } catch (thrown) {
      if (!server.hasEnded() && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        continue;
      }
      await server.stop();
      throw new Error(`The server did not start:\n${server.lastWords()}`, { cause: thrown });
    }
  }
}
