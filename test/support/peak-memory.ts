/** The resident memory of another process as the kernel of Linux keeps it. */
import { readFile, writeFile } from 'node:fs/promises';

/** Bytes that are resident now. */
export const residentBytes = (pid: number): Promise<number> => statusBytes(pid, 'VmRSS');

/** The most bytes that were resident since the start, or since `forgetPeak`. */
export const peakBytes = (pid: number): Promise<number> => statusBytes(pid, 'VmHWM');

/** From here on only what comes later counts for the peak. */
export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5');

async function statusBytes(pid: number, name: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`The kernel does not tell ${name}: this needs Linux.`);
  return Number(kilobytes) * 1024;
}
