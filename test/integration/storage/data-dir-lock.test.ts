import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  acquireDataDirLock,
  DataDirInUse,
  type DataDirLock,
  type LockDeps,
} from '../../../src/storage/data-dir-lock.js';
import { formatLockRecord, parseLockRecord } from '../../../src/storage/lock-record.js';
import { systemProcesses } from '../../../src/storage/process-table.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const NONCE = '01890a5d-ac96-774b-bcce-b302099a8057';
const { self } = systemProcesses();

async function acquire(dir: string, deps?: LockDeps): Promise<DataDirLock> {
  const lock = await acquireDataDirLock(dir, deps);
  onTestFinished(() => lock.release());
  return lock;
}
const recordIn = async (dir: string, file = 'lock.json') =>
  parseLockRecord(await readFile(join(dir, file), 'utf8'));

/** The pid of a process that has just ended. */
async function deadPid(): Promise<number> {
  const child = fork('-e', [], { execArgv: ['-e', '0'], stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 2 ** 30;
}
const leaveLock = async (dir: string, file = 'lock.json', nonce = NONCE) =>
  writeFile(join(dir, file), formatLockRecord(nonce, { ...self, pid: await deadPid() }, new Date()));

describe('the lock on a data folder', () => {
  it('makes the folder for its owner only and says who holds it', async () => {
    const dir = join(await temporaryFolder(), 'deep', 'data');
    const lock = await acquire(dir);
    expect(lock.dir).toBe(dir);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dir, 'lock.json'))).mode & 0o777).toBe(0o600);
    expect(await recordIn(dir)).toMatchObject({ ...self });
  });

  it('refuses a second one, naming process and folder, and leaves the first alone', async () => {
    const dir = await temporaryFolder();
    await acquire(dir);
    const before = await recordIn(dir);
    const refusal = await acquireDataDirLock(dir).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(DataDirInUse);
    expect(refusal).toMatchObject({ dir, pid: process.pid, message: expect.stringContaining(dir) });
    expect(refusal).toMatchObject({ message: expect.stringContaining(`process ${process.pid}`) });
    expect((await recordIn(dir))?.nonce).toBe(before?.nonce);
  });

  it('is free again after release, and releasing twice does no harm to the next holder', async () => {
    const dir = await temporaryFolder();
    const first = await acquire(dir);
    await first.release();
    expect(await readdir(dir)).toEqual([]);
    await acquire(dir);
    await first.release();
    await expect(acquireDataDirLock(dir)).rejects.toBeInstanceOf(DataDirInUse);
  });

  it('takes over the lock of a dead process', async () => {
    const dir = await temporaryFolder();
    await leaveLock(dir);
    await acquire(dir);
    expect((await recordIn(dir))?.pid).toBe(process.pid);
    expect(await readdir(dir)).toEqual(['lock.json']);
  });

  it('takes over when the process before died while taking over', async () => {
    const dir = await temporaryFolder();
    await leaveLock(dir);
    await leaveLock(dir, `lock.json.${NONCE}`, '01890a5d-ac96-774b-bcce-b302099a8058');
    await acquire(dir);
    expect((await recordIn(dir))?.pid).toBe(process.pid);
    expect(await readdir(dir)).toEqual(['lock.json']);
  });

  it('takes an unreadable lock for one being written, until it is old', async () => {
    const dir = await temporaryFolder();
    const path = join(dir, 'lock.json');
    await writeFile(path, '');
    await expect(acquireDataDirLock(dir)).rejects.toMatchObject({ pid: undefined });
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(path, longAgo, longAgo);
    await acquire(dir);
    expect((await recordIn(dir))?.pid).toBe(process.pid);
  });

  it.each(['free', 'left by a dead process'])(
    'goes to exactly one of many that ask at once: %s',
    async (state) => {
      for (let round = 0; round < 15; round += 1) {
        const dir = await temporaryFolder();
        if (state !== 'free') await leaveLock(dir);
        const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => acquireDataDirLock(dir)));
        const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
        const losers = outcomes.filter((outcome) => outcome.status === 'rejected');
        expect(winners).toHaveLength(1);
        expect(losers.every(({ reason }) => reason instanceof DataDirInUse)).toBe(true);
        await winners[0]?.value.release();
        expect(await readdir(dir)).toEqual([]);
      }
    },
  );

  it('writes its heartbeat anew', async () => {
    const dir = await temporaryFolder();
    let time = Date.UTC(2026, 0, 1);
    await acquire(dir, { now: () => new Date(time), heartbeatIntervalMs: 5 });
    time += 60_000;
    await vi.waitFor(async () => expect((await recordIn(dir))?.heartbeat).toEqual(new Date(time)), {
      timeout: 10_000,
    });
  });

  it('reports that somebody removed it, and does not write over a successor', async () => {
    const dir = await temporaryFolder();
    const trouble: Error[] = [];
    await acquire(dir, { heartbeatIntervalMs: 5, onTrouble: (error) => trouble.push(error) });
    await rm(join(dir, 'lock.json'));
    const successor = await acquire(dir);
    const { nonce } = (await recordIn(dir)) ?? {};
    await vi.waitFor(() => expect(trouble[0]?.message).toContain('removed by somebody else'), {
      timeout: 10_000,
    });
    expect((await recordIn(dir))?.nonce).toBe(nonce);
    expect(successor.dir).toBe(dir);
  });
});
