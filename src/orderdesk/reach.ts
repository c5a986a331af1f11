/** Whether Order Desk answers at all, asked the way every call goes but without a credential. */
import type { Secret } from '../tenancy/secret.js';
import { DEFAULT_CLIENT_LIMITS } from './client.js';
import { openConnections } from './connections.js';

/**
 * Resolves with the HTTP status of the answer, whatever it is.
 * @param proxy on the way there, if any
 * @throws the transport's own error, with a `code`
 */
export async function reachOrderDesk(baseUrl: URL, proxy: Secret | undefined): Promise<number> {
  const timeoutMs = DEFAULT_CLIENT_LIMITS.connectTimeoutMs;
  const connections = openConnections(
    baseUrl,
    { ...DEFAULT_CLIENT_LIMITS, connections: 1, headersTimeoutMs: timeoutMs, bodyTimeoutMs: timeoutMs },
    proxy,
  );
  try {
    const answer = await connections.pool.request({ method: 'HEAD', path: baseUrl.pathname });
    await answer.body.dump();
    return answer.statusCode;
  } finally {
    await connections.destroy();
  }
}
