/** Which process this is, and whether another one still runs: as much as the platform tells. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells one process from every other, also after its pid was given away again. `null`: the platform keeps it to itself. */
export interface ProcessIdentity {
  readonly host: string;
  /** New with every boot of the kernel. */
  readonly bootId: string | null;
  /** Containers on one host each count pids from 1. */
  readonly pidNamespace: string | null;
  readonly pid: number;
  /** In clock ticks after the boot. */
  readonly processStart: string | null;
}

export interface ProcessTable {
  readonly self: ProcessIdentity;
  /** Whether this host, as this process sees it, runs the pid. */
  isRunning(pid: number): boolean;
  startOf(pid: number): string | null;
}

export function systemProcesses(): ProcessTable {
  return {
    self: {
      host: hostname(),
      bootId: readOrNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
      pidNamespace: readOrNull(() => readlinkSync('/proc/self/ns/pid')),
      pid: process.pid,
      processStart: startOf(process.pid),
    },
    isRunning,
    startOf,
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it runs, as another user.
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH');
  }
}

function startOf(pid: number): string | null {
  const stat = readOrNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The second field is the program's name in brackets and may hold blanks and brackets itself; start time is the 22nd.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** Absent on this platform, or gone since: both mean that nothing is known. */
function readOrNull(read: () => string): string | null {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return null;
    throw thrown;
  }
}
