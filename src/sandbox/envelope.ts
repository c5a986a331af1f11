/**
 * What a handler answers, and the JSON around it. Records arrive here as ready JSON text, so an answer is put
 * together from strings and a record is serialised once, not with every request.
 */

export interface Success {
  readonly ok: true;
  /** 200 unless told. */
  readonly status?: 200 | 201;
  readonly message?: string;
  /** Members of the envelope, each as `"name":value`. */
  readonly members: readonly string[];
  /** A batch that failed in part, and says `error` although it was carried out otherwise. */
  readonly saysError?: boolean;
  /** Answers about orders tell their timing in a place of their own. */
  readonly aboutOrders?: true;
}

export interface Failure {
  readonly ok: false;
  readonly status: number;
  readonly message: string;
  /** Reasons, one by one, where the API is switched to list them. */
  readonly errors?: readonly string[];
}

export type Answer = Success | Failure;

export type Timing = 'execution_time' | 'message' | 'none';

export function failure(status: number, message: string): Failure {
  return { ok: false, status, message };
}

export function member(name: string, value: unknown): string {
  return `"${name}":${JSON.stringify(value)}`;
}

/** @param json JSON text */
export function rawMember(name: string, json: string): string {
  return `"${name}":${json}`;
}

/** The body of an answer. @param elapsedMs how long it took to make */
export function envelope(answer: Answer, elapsedMs: number, timing: Timing): string {
  const seconds = `${(elapsedMs / 1000).toFixed(4)} seconds`;
  const place = answer.ok && answer.aboutOrders ? timing : 'execution_time';
  const message = place === 'message' ? `Execution took ${seconds}` : answer.message;
  const members = [
    member('status', answer.ok && answer.saysError !== true ? 'success' : 'error'),
    ...(message === undefined ? [] : [member('message', message)]),
    ...(place === 'execution_time' ? [member('execution_time', seconds)] : []),
    ...(answer.ok ? answer.members : []),
    ...(answer.ok || answer.errors === undefined ? [] : [member('errors', answer.errors)]),
  ];
  return `{${members.join(',')}}`;
}
