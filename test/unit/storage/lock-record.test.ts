import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatLockRecord,
  HEARTBEAT_LIMIT_MS,
  isStale,
  type LockRecord,
  parseLockRecord,
} from '../../../src/storage/lock-record.js';
import {
  type ProcessIdentity,
  type ProcessTable,
  systemProcesses,
} from '../../../src/storage/process-table.js';

const NOW = new Date('2026-05-01T12:00:00.000Z');
const NONCE = '01890a5d-ac96-774b-bcce-b302099a8057';
const self: ProcessIdentity = {
  host: 'here',
  bootId: 'boot-1',
  pidNamespace: 'pid:[1]',
  pid: 100,
  processStart: '500',
};
const owner: ProcessIdentity = { ...self, pid: 200, processStart: '700' };

/** A host where these pids run, each with its start time. */
const seeing = (running: Record<number, string | null>, who = self): ProcessTable => ({
  self: who,
  isRunning: (pid) => pid in running,
  startOf: (pid) => running[pid] ?? null,
});
const record = (changes: Partial<LockRecord> = {}): LockRecord => ({
  nonce: NONCE,
  ...owner,
  heartbeat: NOW,
  ...changes,
});
const aged = (ms: number) => new Date(NOW.getTime() - ms);

describe('a lock record', () => {
  it('reads back as it was written', () => {
    const text = formatLockRecord(NONCE, owner, NOW);
    expect(parseLockRecord(text)).toEqual({ nonce: NONCE, ...owner, heartbeat: NOW });
  });

  it('keeps its length whatever the heartbeat, so that it can be written in place', () => {
    const day = {
      min: new Date('2020-01-01T00:00:00Z'),
      max: new Date('2099-12-31T00:00:00Z'),
      noInvalidDate: true,
    };
    fc.assert(
      fc.property(fc.date(day), (date) => {
        expect(formatLockRecord(NONCE, owner, date).length).toBe(formatLockRecord(NONCE, owner, NOW).length);
      }),
    );
  });

  it.each(['', '{', 'null', '{"pid": 1}', formatLockRecord('../../etc', owner, NOW)])(
    'is not: %j',
    (text) => {
      expect(parseLockRecord(text)).toBeUndefined();
    },
  );
});

describe('a lock of a process on this host', () => {
  it('holds while the process runs, however old the heartbeat', () => {
    const suspended = record({ heartbeat: aged(86_400_000) });
    expect(isStale(suspended, seeing({ 200: '700' }), NOW)).toBe(false);
  });

  it('is stale when the process is dead, however young the heartbeat', () => {
    expect(isStale(record(), seeing({}), NOW)).toBe(true);
  });

  it('is stale when the pid now belongs to a process that started at another time', () => {
    expect(isStale(record(), seeing({ 200: '9999' }), NOW)).toBe(true);
  });

  it('holds when the platform does not tell start times', () => {
    expect(isStale(record(), seeing({ 200: null }), NOW)).toBe(false);
    expect(isStale(record({ processStart: null }), seeing({ 200: '1' }), NOW)).toBe(false);
  });

  it('is stale after a reboot, even if the pid runs', () => {
    expect(isStale(record({ bootId: 'boot-0' }), seeing({ 200: '700' }), NOW)).toBe(true);
  });
});

describe.each([
  ['another host', { host: 'elsewhere', bootId: 'boot-9' }],
  ['another container of this host', { pidNamespace: 'pid:[2]' }],
])('a lock of a process in %s', (_, where) => {
  it('holds while its heartbeat is young, though no such pid runs here', () => {
    expect(isStale(record({ ...where, heartbeat: aged(HEARTBEAT_LIMIT_MS) }), seeing({}), NOW)).toBe(false);
  });

  it('is stale when its heartbeat is old, though such a pid runs here', () => {
    const old = record({ ...where, heartbeat: aged(HEARTBEAT_LIMIT_MS + 1) });
    expect(isStale(old, seeing({ 200: '700' }), NOW)).toBe(true);
  });
});

describe('the process table of this system', () => {
  it('sees this process run since when it says it started', () => {
    const table = systemProcesses();
    expect(table.self.pid).toBe(process.pid);
    expect(table.isRunning(process.pid)).toBe(true);
    expect(table.startOf(process.pid)).toBe(table.self.processStart);
  });

  it.runIf(process.platform === 'linux')('knows boot, container and start time on Linux', () => {
    const { bootId, pidNamespace, processStart } = systemProcesses().self;
    expect(bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(pidNamespace).toMatch(/^pid:\[\d+\]$/);
    expect(processStart).toMatch(/^\d+$/);
  });

  it('does not see a pid beyond what systems give out', () => {
    expect(systemProcesses().isRunning(2 ** 30)).toBe(false);
  });
});
