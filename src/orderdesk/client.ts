/**
 * The Order Desk room: everything that knows Order Desk's API, and nothing that knows MCP, Fastify or SQL.
 *
 *   gateway (StoreGateway: cache, single-flight) -> contact (remembers refused keys) -> client (this file) -> undici
 *
 * Invariants: a key is revealed only while a request is being made and never leaves this file; GET carries no body and
 * no Content-Type; redirects are not followed; every wait and every body is bounded; a failure is an AppError whose
 * message holds no host, path, header or customer's data; only parsers in `parse/` look into records.
 * Must not import: http/, mcp/, tools/, storage/, sandbox/. Of tenancy/ it needs types only.
 */
import type { Readable } from 'node:stream';
import { Pool } from 'undici';
import { untilAborted } from '../cache/until-aborted.js';
import { AppError, type ErrorCode } from '../errors.js';
import type { Secret } from '../tenancy/secret.js';
import type { CredentialSource } from '../tenancy/stores.js';
import { discard, readBounded, readText } from './body.js';
import type { Account, CallObserver, Send, UpstreamCall, UpstreamReply } from './call.js';
import { withDeadline } from './call-deadline.js';
import { refusalError, saysError, strangeStatusError, transportError } from './failures.js';
import { isRecord, type JsonRecord } from './parse/json.js';

/** Bounds on one call; all times in milliseconds. */
export interface ClientLimits {
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** From the request's last byte to the reply's headers. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of a body. */
  readonly bodyTimeoutMs: number;
  /** The whole call, waiting for a connection included. */
  readonly callTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly maxBodyBytes: number;
}

export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  connections: 64,
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 25_000,
  bodyTimeoutMs: 10_000,
  callTimeoutMs: 60_000,
  keepAliveMs: 4_000,
  maxBodyBytes: 32 * 1024 * 1024,
};

/** An error's words fit into this; of a longer body only the status is used. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

export interface ClientOptions {
  /** Such as `https://app.orderdesk.me/api/v2`. */
  readonly baseUrl: URL;
  /** Our own version, for the User-Agent. */
  readonly version: string;
  readonly credentials: CredentialSource;
  readonly observe: CallObserver;
  readonly limits?: Partial<ClientLimits>;
  /** Milliseconds on a clock that never goes back; for durations. */
  readonly now?: () => number;
}

export interface OrderDeskClient {
  readonly send: Send;
  /** Ends the connections; calls under way end with `upstream_unavailable`. */
  close(): Promise<void>;
}

export function createOrderDeskClient(options: ClientOptions): OrderDeskClient {
  const limits = { ...DEFAULT_CLIENT_LIMITS, ...options.limits };
  const now = options.now ?? (() => performance.now());
  const basePath = options.baseUrl.pathname.replace(/\/+$/, '');
  const userAgent = `orderdesk-mcp/${options.version}`;
  const pool = new Pool(options.baseUrl.origin, {
    connections: limits.connections,
    pipelining: 1,
    connect: { timeout: limits.connectTimeoutMs },
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    keepAliveMaxTimeout: limits.keepAliveMs,
  });

  async function send(call: UpstreamCall): Promise<UpstreamReply> {
    const { storeId, apiKey } = await credentialOf(call.account, options.credentials);
    const startedAt = now();
    const seen: Seen = { status: null, tokensRemaining: undefined };
    const finish = (outcome: 'ok' | ErrorCode): void =>
      options.observe({
        method: call.method,
        route: call.route,
        status: seen.status,
        outcome,
        durationMs: now() - startedAt,
        ...(seen.tokensRemaining === undefined ? {} : { tokensRemaining: seen.tokensRemaining }),
      });
    try {
      const body = await withDeadline(call.signal, limits.callTimeoutMs, (signal) =>
        exchange(call, storeId, apiKey, signal, seen),
      );
      finish('ok');
      return { body, tokensRemaining: seen.tokensRemaining };
    } catch (thrown) {
      const error = transportError(thrown);
      finish(error.code);
      throw error;
    }
  }

  async function exchange(
    call: UpstreamCall,
    storeId: string,
    apiKey: Secret,
    signal: AbortSignal,
    seen: Seen,
  ): Promise<JsonRecord> {
    if (!isHeaderText(storeId) || !isHeaderText(apiKey.reveal())) throw unusableCredential();
    const request = pool.request({
      method: call.method,
      path: basePath + pathOf(call),
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        'orderdesk-store-id': storeId,
        'orderdesk-api-key': apiKey.reveal(),
      },
      signal,
    });
    // A request that still waits for a connection does not notice its signal: the caller must not wait with it.
    const { statusCode, headers, body } = await untilAborted(request, signal);
    seen.status = statusCode;
    seen.tokensRemaining = wholeNumber(single(headers['x-tokens-remaining']));
    const declared = single(headers['content-length']);
    if (statusCode >= 400) {
      throw refusalError({
        route: call.route,
        status: statusCode,
        retryAfter: single(headers['x-retry-after']) ?? single(headers['retry-after']),
        body: await errorBody(body, declared),
        apiKey: apiKey.reveal(),
      });
    }
    if (statusCode < 200 || statusCode > 299) {
      discard(body);
      throw strangeStatusError(statusCode);
    }
    const reply = jsonObject(await readText(body, declared, limits.maxBodyBytes));
    if (reply === undefined) {
      throw new AppError('upstream_malformed', "Order Desk's answer is not a JSON object.", {
        field: 'body',
      });
    }
    if (saysError(reply)) {
      throw refusalError({
        route: call.route,
        status: statusCode,
        retryAfter: undefined,
        body: reply,
        apiKey: apiKey.reveal(),
      });
    }
    return reply;
  }

  return { send, close: () => pool.destroy() };
}

interface Seen {
  status: number | null;
  tokensRemaining: number | undefined;
}

async function credentialOf(
  account: Account,
  credentials: CredentialSource,
): Promise<{ readonly storeId: string; readonly apiKey: Secret }> {
  return account.kind === 'offered' ? account : credentials.credential(account.store);
}

function pathOf(call: UpstreamCall): string {
  const path = call.id === undefined ? call.route : call.route.replace('{id}', encodeURIComponent(call.id));
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

const unusableCredential = (): AppError =>
  new AppError(
    'upstream_credentials_refused',
    'The credential holds characters that Order Desk cannot accept.',
  );

/** Printable ASCII without spaces: anything else has slipped in by a copy and would break the header. */
const isHeaderText = (value: string): boolean => /^[\x21-\x7e]{1,512}$/.test(value);

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
