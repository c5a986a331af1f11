/** What one check of an installation comes to. The words are for the operator and hold no secret. */
import { isForTheOperator, operatorText } from './operator-errors.js';

export interface Finding {
  /** `refused` keeps a start from being as it should; `warned` is safe to start with, and wants an operator all the same. */
  readonly outcome: 'ok' | 'warned' | 'refused' | 'skipped';
  /** What was found; of something refused or warned of also the remedy. */
  readonly words: string;
}

export interface Check {
  readonly name: string;
  run(): Promise<Finding>;
}

export const ok = (words: string): Finding => ({ outcome: 'ok', words });
export const warned = (words: string): Finding => ({ outcome: 'warned', words });
export const refused = (words: string): Finding => ({ outcome: 'refused', words });
export const skipped = (words: string): Finding => ({ outcome: 'skipped', words });

/** `refused` with the words of a failure that has some for the operator. @throws `thrown` when it has none */
export function refusedBy(thrown: unknown): Finding {
  if (!isForTheOperator(thrown)) throw thrown;
  return refused(operatorText(thrown));
}

/** The name of a failure on the way to another host, such as ECONNREFUSED: its message may hold an address with a password. */
export function failureCode(thrown: unknown): string {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code;
  }
  const [reply] = (thrown instanceof Error ? thrown.message : '').match(/^[A-Z]{3,}\b/) ?? [];
  return reply ?? (thrown instanceof Error ? thrown.name : 'no reason given');
}

/** Whether a failure of `failureCode` is about the other side's certificate: its authority, its name or its dates. */
export const isCertificateTrouble = (code: string): boolean =>
  /CERT|^UNABLE_TO_(GET|VERIFY)|^(ISSUER|SUBJECT|AUTHORITY|HOSTNAME)_|SELF_SIGNED/.test(code);
