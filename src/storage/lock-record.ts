/** What stands in a lock file, and when the process that wrote it is certainly gone. */
import { z } from 'zod';
import type { ProcessIdentity, ProcessTable } from './process-table.js';

const lockRecord = z.object({
  /** Tells this lock from every other one ever made. */
  nonce: z.uuid(),
  host: z.string(),
  bootId: z.string().nullable(),
  pidNamespace: z.string().nullable(),
  pid: z.int(),
  processStart: z.string().nullable(),
  /** UTC; the owner writes it anew every few seconds. */
  heartbeat: z.iso.datetime().transform((text) => new Date(text)),
});
export type LockRecord = z.infer<typeof lockRecord>;

/** The length of the text does not depend on the heartbeat, so that it can be written anew in place. */
export function formatLockRecord(nonce: string, owner: ProcessIdentity, heartbeat: Date): string {
  return `${JSON.stringify({ nonce, ...owner, heartbeat: heartbeat.toISOString() }, null, 2)}\n`;
}

/** @returns `undefined` for text that is no lock record, such as one that is just being written */
export function parseLockRecord(text: string): LockRecord | undefined {
  try {
    return lockRecord.safeParse(JSON.parse(text)).data;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** Above this age in milliseconds a heartbeat is old: five missed in a row. */
export const HEARTBEAT_LIMIT_MS = 15_000;

/**
 * Whether the owner is gone. A process of this host is looked up; one that cannot be seen from here (another host, or
 * another container of this one) counts as alive while its heartbeat is young.
 */
export function isStale(record: LockRecord, processes: ProcessTable, now: Date): boolean {
  const { self } = processes;
  const sameHost = record.host === self.host;
  if (sameHost && record.bootId !== null && self.bootId !== null && record.bootId !== self.bootId)
    return true;
  if (sameHost && record.pidNamespace === self.pidNamespace) {
    if (!processes.isRunning(record.pid)) return true;
    const start = processes.startOf(record.pid);
    return record.processStart !== null && start !== null && start !== record.processStart;
  }
  return now.getTime() - record.heartbeat.getTime() > HEARTBEAT_LIMIT_MS;
}
