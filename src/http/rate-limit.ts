/**
 * Where the limits on inbound calls meet a request: messages are counted before the body is read, the further ones
 * of an array after it; a place of the tenant is held from then until the work is done, so that a slow upload holds none.
 */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import type { InboundLimits } from '../limits/inbound.js';
import type { Reply } from '../mcp/leg.js';
import { MAX_BATCH } from '../mcp/route.js';
import type { Principal } from '../tenancy/principal.js';

/** For `onRequest`, once the caller is known. @throws AppError `rate_limited` */
export function countMessage(limits: InboundLimits): (request: FastifyRequest) => Promise<void> {
  return async ({ principal }) => {
    if (principal === null) throw new AppError('unauthorized');
    await limits.takeMessages(principal, 1);
  };
}

/** For `preHandler`: an array is as many messages as it holds. @throws AppError `rate_limited` */
export function countArray(limits: InboundLimits): (request: FastifyRequest) => Promise<void> {
  return async ({ principal, body }) => {
    // A longer one is refused as a whole by the protocol.
    if (principal === null || !Array.isArray(body) || body.length < 2 || body.length > MAX_BATCH) return;
    await limits.takeMessages(principal, body.length - 1);
  };
}

/**
 * Does one call's work in a place of its tenant. A client that hangs up while it waits gives its turn away; one that
 * hangs up later does not free the place while its call goes on.
 * @throws AppError `too_many_calls`, `cancelled`; whatever `work` throws
 */
export async function inPlace(
  limits: InboundLimits,
  principal: Principal,
  leaves: AbortSignal,
  work: () => Promise<Reply>,
): Promise<Reply> {
  const release = await limits.enter(principal, leaves);
  try {
    const reply = await work();
    if (reply.kind === 'stream') return { kind: 'stream', messages: withEnd(reply.messages, release) };
    release();
    return reply;
  } catch (thrown) {
    release();
    throw thrown;
  }
}

async function* withEnd(messages: AsyncIterable<string>, onEnd: () => void): AsyncGenerator<string> {
  try {
    yield* messages;
  } finally {
    onEnd();
  }
}
