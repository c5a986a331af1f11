/** Output that nobody takes: the server goes on, a command says what happened. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliFile, projectRoot, runCommand } from '../support/running-program.js';
import { suiteFolder } from '../support/temporary-folder.js';

const hasFullDevice = process.platform === 'linux';

let folder: Awaited<ReturnType<typeof suiteFolder>>;
beforeAll(async () => {
  folder = await suiteFolder();
});
afterAll(() => folder?.remove());

/** Starts the program with a standard output that is always full. */
function withFullOutput(args: readonly string[]): { child: ChildProcess; stderr: Readable } {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [cliFile, ...args], {
    cwd: projectRoot,
    env: environment(),
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  if (child.stderr === null) throw new Error('no standard error');
  return { child, stderr: child.stderr };
}

const environment = () => ({ PATH: process.env.PATH, PORT: '0', DATA_DIR: folder.path });

describe('the server', () => {
  it.runIf(hasFullDevice)('answers and ends well when its log goes to a full disk', async () => {
    const { child, stderr } = withFullOutput(['start']);
    const ended = once(child, 'close');
    let url = '';
    for await (const line of createInterface({ input: stderr })) {
      url = /URL\s+(\S+)/.exec(line)?.[1] ?? '';
      if (url !== '') break;
    }
    stderr.resume();
    expect((await fetch(new URL('/health', url))).status).toBe(200);
    expect((await fetch(new URL('/nothing', url))).status).toBe(404);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('answers and ends well when nobody reads its standard error', async () => {
    const child = spawn(process.execPath, [cliFile, 'start'], {
      cwd: projectRoot,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.destroy();
    const ended = once(child, 'close');
    let url = '';
    for await (const line of createInterface({ input: child.stdout })) {
      const entry = JSON.parse(line);
      if (entry.msg === 'ready') url = entry.url;
      if (url !== '') break;
    }
    child.stdout.resume();
    expect((await fetch(new URL('/health/ready', url))).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

describe('a command', () => {
  it.runIf(hasFullDevice)('says so when its result cannot be written, without a stack', async () => {
    const { child, stderr } = withFullOutput(['tenant', 'list']);
    const ended = once(child, 'close');
    let words = '';
    for await (const chunk of stderr) words += chunk;
    expect(await ended).toEqual([1, null]);
    expect(words).toMatch(/^Standard output: ENOSPC[^\n]*\n$/);
  });

  it('sandbox refuses a port that is none in a sentence', async () => {
    for (const port of ['abc', '99999', '-1', '1.5']) {
      const { code, stderr } = await runCommand(['sandbox', `--port=${port}`], { dataDir: folder.path });
      expect(code).toBe(1);
      expect(stderr).toMatch(/whole number from 0 to 65535/);
      expect(stderr).not.toMatch(/\n\s+at |ZodError/);
    }
  });
});
