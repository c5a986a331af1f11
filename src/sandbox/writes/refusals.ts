/** What all writing endpoints refuse in the same way. */
import { type Failure, failure, type Success } from '../envelope.js';
import type { SandboxSwitches } from '../switches.js';

/** What a step leads to: a value, or the refusal that is the answer. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | Failure;

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** A request that cannot be carried out as it stands, with the reasons. */
export function invalid(switches: SandboxSwitches, reason: string, ...more: readonly string[]): Failure {
  const reasons = [reason, ...more];
  const refusal = failure(switches.invalidRequest, reasons.join(', '));
  return switches.errorsMember === 'listed' ? { ...refusal, errors: reasons } : refusal;
}

/** Lines that a batch takes, where a maximum is switched on. The one known client sends no more. */
const BATCH_MAXIMUM = 100;

export function tooMany(maximum: 'none' | 'refused', lines: readonly unknown[]): boolean {
  return maximum === 'refused' && lines.length > BATCH_MAXIMUM;
}

/** What a batch answers of which some lines, or all, were not carried out. */
export const partly = ({ partlyFailedBatch }: SandboxSwitches, failed: number): Pick<Success, 'saysError'> =>
  partlyFailedBatch === 'error' && failed > 0 ? { saysError: true } : {};

/** Notes and history entries hold 2,000 characters, counted with their date (19) and who wrote them; the rest is lost. */
export function cutNote(text: string, writer: string): string {
  return text.slice(0, Math.max(0, 2000 - 'YYYY-MM-DD HH:MM:SS'.length - writer.length));
}
