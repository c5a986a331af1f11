/**
 * The road between servers and a sandbox: knows every request that took it, and has accidents with writes: one is lost
 * on the way, one arrives late, one is carried out and its answer is not heard. What an accident strikes has left its sender.
 * It also keeps an answer back for as long as a test wants.
 */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deferred } from '../deferred.js';

export const ACCIDENTS = ['lost', 'late', 'unheard'] as const;
export type Accident = (typeof ACCIDENTS)[number];

/** How late it arrives, in milliseconds: when its sender is dead. */
const LATE_MS = 1_000;

export interface Road {
  /** As the sandbox's own address. */
  readonly url: string;
  /** Writes to a store that took this road, lost ones too: method and path. */
  writes(storeId: string): readonly string[];
  /** The next write to the store meets it. Resolves once the write is on the way (`unheard`: once it is carried out). */
  strike(storeId: string, accident: Accident): Promise<void>;
  /** The next request with this method is carried out, and not answered yet. @returns lets its answer go */
  hold(method: string): () => void;
  /** Resolves when nothing is late any more. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly accident: Accident;
  readonly happened: () => void;
}

/** @param sandboxUrl ends in `/api/v2` */
export async function openRoad(sandboxUrl: string): Promise<Road> {
  const { origin, pathname } = new URL(sandboxUrl);
  const writes = new Map<string, string[]>();
  const waiting = new Map<string, Waiting>();
  const late = new Set<Promise<unknown>>();
  const holds = new Map<string, Promise<void>>();

  async function carriedOut(asked: IncomingMessage, body: Buffer): Promise<Answer> {
    const { method = 'GET' } = asked;
    const isLetGo = holds.get(method);
    holds.delete(method);
    const reply = await forward(origin, asked, body);
    await isLetGo;
    return reply;
  }

  async function goOn(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(asked);
    const storeId = String(asked.headers['orderdesk-store-id']);
    if (asked.method === 'GET') return answer(response, await carriedOut(asked, body));
    const path = (asked.url ?? '').replace(pathname, '');
    writes.set(storeId, [...(writes.get(storeId) ?? []), `${asked.method} ${path}`]);
    const met = waiting.get(storeId);
    waiting.delete(storeId);
    if (met === undefined) return answer(response, await carriedOut(asked, body));
    if (met.accident === 'unheard') await forward(origin, asked, body);
    if (met.accident === 'late') late.add(pause(LATE_MS).then(() => forward(origin, asked, body)));
    met.happened();
  }

  const server = createServer((asked, response) => {
    goOn(asked, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = addressOf(server.address());
  return {
    url: `http://127.0.0.1:${port}${pathname}`,
    writes: (storeId) => writes.get(storeId) ?? [],
    strike: (storeId, accident) =>
      new Promise((happened) => {
        waiting.set(storeId, { accident, happened });
      }),
    hold(method) {
      const { promise, resolve } = deferred<void>();
      holds.set(method, promise);
      return resolve;
    },
    async quiet() {
      await Promise.all(late);
    },
    async close() {
      await Promise.allSettled(late);
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

function forward(origin: string, asked: IncomingMessage, body: Buffer): Promise<Answer> {
  const { method = 'GET', url = '/', headers } = asked;
  return new Promise((resolve, reject) => {
    const onward = send(new URL(url, origin), { method, headers }, (reply) => {
      const status = reply.statusCode ?? 500;
      bodyOf(reply).then((read) => resolve({ status, headers: reply.headers, body: read }), reject);
    });
    onward.once('error', reject);
    onward.end(body.length === 0 ? undefined : body);
  });
}

function answer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The road listens on no port.');
  return address;
}
