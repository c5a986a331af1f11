/** `orderdesk-mcp` as people run it: a process of its own, on a data folder of its own. Needs `npm run build`. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
export const cliFile = join(projectRoot, 'dist/cli.js');

export interface RunningProgram {
  readonly url: string;
  readonly keyFile: string | undefined;
  readonly process: ChildProcess;
  /** Everything written so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  /** Sends a signal and waits for the end; the exit code, or `null` when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A test that fails before it stops its server must not leave it behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts the server and waits for the line with its address. @throws Error with the output when it ends before that */
export async function startProgram(dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<RunningProgram> {
  const child = spawn(process.execPath, [cliFile, 'start'], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const ended = once(child, 'close');
  const ready = new Promise<{ url: string; key_file?: string }>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      stdout += `${line}\n`;
      const entry = parseLine(line);
      if (entry?.url !== undefined) resolve(entry);
    });
  });
  const first = await Promise.race([ready, ended]);
  if (!('url' in first)) throw new Error(`the server ended before it was ready:\n${stdout}${stderr}`);
  return {
    url: first.url,
    keyFile: first.key_file,
    process: child,
    output: () => ({ stdout, stderr }),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

function parseLine(line: string): { url: string; key_file?: string } | undefined {
  return line.startsWith('{') ? JSON.parse(line) : undefined;
}

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export function runCommand(
  args: readonly string[],
  options: { readonly dataDir: string; readonly env?: NodeJS.ProcessEnv; readonly input?: string },
): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [cliFile, ...args],
      { env: { PATH: process.env.PATH, DATA_DIR: options.dataDir, ...options.env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
    child.stdin?.end(options.input ?? '');
  });
}
