/** The check of the way to Order Desk: whether it answers, and whether what answers is likely to be it. */
import { reachOrderDesk } from '../orderdesk/reach.js';
import {
  type Check,
  type Finding,
  failureCode,
  isCertificateTrouble,
  ok,
  refused,
  skipped,
  warned,
} from './finding.js';
import type { AppConfig } from './foundation.js';

export const orderDeskCheck = ({ upstream: { baseUrl, proxy } }: Pick<AppConfig, 'upstream'>): Check => ({
  name: 'Order Desk',
  async run() {
    if (baseUrl === undefined) return skipped('The built-in sandbox serves in its place.');
    const { host } = new URL(baseUrl);
    const way = proxy === undefined ? '' : ' through the proxy';
    try {
      return findingOn(`${host} answers${way}`, await reachOrderDesk(new URL(baseUrl), proxy));
    } catch (thrown) {
      // The transport fails with nothing but errors of its own.
      if (!(thrown instanceof Error)) throw thrown;
      const code = failureCode(thrown);
      return refused(`${host} does not answer${way} (${code}). ${adviceOn(code, proxy !== undefined)}`);
    }
  },
});

/** Nothing is refused: the server starts without Order Desk, and a call says by itself what is wrong. */
function findingOn(answers: string, status: number): Finding {
  if (status >= 500) {
    return warned(
      `${answers} with HTTP ${status}: it, or what stands before it, is in trouble. Look again in a few minutes, and at what Order Desk says of itself.`,
    );
  }
  if (status >= 300 && status < 400) {
    return warned(
      `${answers} with HTTP ${status}, which leads elsewhere; the API never does. Look at ORDERDESK_API_URL, and at what may answer in its place: a login page of the network, a filter.`,
    );
  }
  return ok(`${answers} (HTTP ${status}). No credential was tried: "orderdesk-mcp store verify" does that.`);
}

function adviceOn(code: string, isProxied: boolean): string {
  if (isCertificateTrouble(code)) {
    return 'Its certificate is not believed: name the file of its authority in NODE_EXTRA_CA_CERTS, in the environment of the process.';
  }
  return isProxied
    ? 'Look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and at what the proxy lets through.'
    : 'Look at ORDERDESK_API_URL, and at what this machine may reach.';
}
