/** What the service hands to the server: an answer, and how it is to be spoiled on its way. */
import { type Answer, failure } from './envelope.js';
import type { Fault } from './faults.js';

type Of<Kind extends Fault['kind']> = Extract<Fault, { readonly kind: Kind }>;

/** Another answer in the place of the right one, before anything is applied. */
export type AnsweringFault = Of<'status' | 'error200' | 'html'>;
/** No answer at all, and nothing applied. */
export type SilentFault = Of<'hang' | 'reset'>;
/** What the server does to an answer, or in its place. */
export type WireFault = Exclude<Fault, AnsweringFault>;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly fault?: WireFault;
}

export function isAnswering(fault: Fault): fault is AnsweringFault {
  return fault.kind === 'status' || fault.kind === 'error200' || fault.kind === 'html';
}

export function isSilent(fault: Fault): fault is SilentFault {
  return fault.kind === 'hang' || fault.kind === 'reset';
}

/** The reply to a request that nothing is said to: no part of it is sent. */
export function silence(fault: SilentFault): Reply {
  return { status: 500, headers: {}, body: '', fault };
}

/** @param reply an answer as the sandbox would give it, with headers beside the usual ones */
export function falseAnswer(
  fault: AnsweringFault,
  reply: (answer: Answer, headers: Readonly<Record<string, string>>) => Reply,
): Reply {
  switch (fault.kind) {
    case 'html': {
      const body = '<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';
      return { status: fault.status ?? 502, headers: { 'Content-Type': 'text/html' }, body };
    }
    case 'status':
      return reply(failure(fault.status, fault.message ?? NOT_DONE), fault.headers ?? {});
    case 'error200':
      return reply(failure(200, fault.message ?? NOT_DONE), {});
  }
}

const NOT_DONE = 'The request could not be completed';
