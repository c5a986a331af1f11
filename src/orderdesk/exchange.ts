/** One request and its answer: what goes out, and what is made of what comes back. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { untilAborted } from '../cache/until-aborted.js';
import { AppError } from '../errors.js';
import type { Waiting } from '../telemetry/waits.js';
import { discard, readBounded, readText } from './body.js';
import type { Credential, ReplyFacts, UpstreamCall, UpstreamReply } from './call.js';
import type { Leash } from './call-deadline.js';
import { Departure } from './departure.js';
import { refusalError, retryAfterSeconds, saysError, strangeStatusError, tellsOfLines } from './failures.js';
import { inexactNumbers } from './parse/exact-numbers.js';
import { isRecord, type JsonRecord } from './parse/json.js';

/** An error's words fit into this; of a longer body only the status is used. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

export interface Line {
  readonly dispatcher: Dispatcher;
  /** The path of the base address, without a slash at its end. */
  readonly basePath: string;
  readonly userAgent: string;
  readonly maxBodyBytes: number;
  /** From a write's last byte to its answer's headers, in milliseconds: its own time has to end it first. */
  readonly writeHeadersTimeoutMs: number;
  readonly waiting: Waiting;
}

export type Exchanged = Pick<UpstreamReply, 'body' | 'inexact'>;

/**
 * @param leash ends the exchange
 * @param onReply told what the headers say, before the body is read
 * @throws AppError `upstream_*`, `not_found`, the reason of the leash; the transport's own errors
 */
export async function exchange(
  line: Line,
  call: UpstreamCall,
  credential: Credential,
  leash: Leash,
  onReply: (facts: ReplyFacts) => void,
): Promise<Exchanged> {
  const answered = <T>(work: () => Promise<T>): Promise<T> => line.waiting('upstream', work);
  const request = line.dispatcher.request({
    method: call.method,
    path: line.basePath + pathOf(call),
    headers: headersOf(line, call, credential),
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(call.method === 'GET' ? {} : { headersTimeout: line.writeHeadersTimeoutMs }),
    signal: leash.signal,
    opaque: new Departure(() => {
      leash.depart();
      call.onDeparture?.();
    }),
  });
  // A request that still waits for a connection does not notice its signal: the caller must not wait with it.
  const { statusCode: status, headers, body } = await answered(() => untilAborted(request, leash.signal));
  const facts = factsOf(status, headers);
  onReply(facts);
  const declared = single(headers['content-length']);
  const refused = (reply: JsonRecord | undefined): AppError =>
    refusalError({
      method: call.method,
      route: call.route,
      status,
      retryAfterS: facts.retryAfterS,
      body: reply,
      apiKey: credential.apiKey.reveal(),
    });
  if (status >= 400) throw refused(await answered(() => errorBody(body, declared)));
  if (status < 200 || status > 299) {
    discard(body);
    throw strangeStatusError(status);
  }
  const text = await answered(() => readText(body, declared, line.maxBodyBytes));
  const reply = jsonObject(text);
  if (reply === undefined) {
    throw new AppError('upstream_malformed', "Order Desk's answer is not a JSON object.", { field: 'body' });
  }
  if (saysError(reply) && !tellsOfLines(call.route, reply)) throw refused(reply);
  return call.exactNumbers === true ? { body: reply, inexact: inexactNumbers(text) } : { body: reply };
}

function headersOf(line: Line, call: UpstreamCall, { storeId, apiKey }: Credential): Record<string, string> {
  const key = apiKey.reveal();
  if (!isHeaderText(storeId) || !isHeaderText(key)) {
    throw new AppError(
      'upstream_credentials_refused',
      'The credential holds characters that Order Desk cannot accept.',
    );
  }
  return {
    accept: 'application/json',
    'user-agent': line.userAgent,
    'orderdesk-store-id': storeId,
    'orderdesk-api-key': key,
    // Without a body it would be an invalid request (Order Desk API, transport).
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

function factsOf(status: number, headers: Dispatcher.ResponseData['headers']): ReplyFacts {
  const retryAfter = single(headers['x-retry-after']) ?? single(headers['retry-after']);
  return {
    status,
    tokensRemaining: wholeNumber(single(headers['x-tokens-remaining'])),
    retryAfterS: status === 429 ? retryAfterSeconds(retryAfter) : undefined,
  };
}

function pathOf(call: UpstreamCall): string {
  const ids = call.ids ?? [];
  let next = 0;
  const path = call.route.replaceAll('{id}', () => encodeURIComponent(ids[next++] ?? ''));
  const query = call.query?.toString() ?? '';
  return query === '' ? path : `${path}?${query}`;
}

/** The body of an error, if it can be had: its status alone says enough to end the call. */
async function errorBody(body: Readable, declared: string | undefined): Promise<JsonRecord | undefined> {
  const bytes = await readBounded(body, declared, MAX_ERROR_BODY_BYTES).catch(() => undefined);
  return bytes === undefined ? undefined : jsonObject(bytes.toString('utf8'));
}

function jsonObject(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Printable ASCII without spaces: anything else has slipped in by a copy and would break the header. */
const HEADER_TEXT = /^[\x21-\x7e]{1,512}$/;
const isHeaderText = (value: string): boolean => HEADER_TEXT.test(value);

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
