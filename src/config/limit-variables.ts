/** The limits on inbound calls, as variables. */
import type { z } from 'zod';
import * as kinds from './kinds.js';
import type { Variable } from './variables.js';

type Entry<Schema extends z.ZodType> = Omit<Variable<Schema>, 'group' | 'shownIn'>;

const limit = <Schema extends z.ZodType>(entry: Entry<Schema> & kinds.Kind<Schema>): Variable<Schema> => ({
  ...entry,
  group: 'Limits',
  shownIn: ['development', 'staging', 'production'],
});

export const LIMIT_VARIABLES = {
  MCP_LIMIT_KEY_RATE: limit({
    ...kinds.decimal(0.1, 1000),
    description:
      'Messages a second that one API key may send in the long run. A tenant can be given its own limits.',
    default: '10',
    defaultIn: { test: '1000' },
  }),
  MCP_LIMIT_KEY_BURST: limit({
    ...kinds.integer(10, 10_000),
    description: 'Messages that one API key may send at once after a pause.',
    default: '40',
    defaultIn: { test: '10000' },
  }),
  MCP_LIMIT_TENANT_CONCURRENCY: limit({
    ...kinds.integer(1, 1000),
    description: 'Calls of one tenant that a replica works on at the same time.',
    default: '16',
  }),
  MCP_LIMIT_TENANT_QUEUE: limit({
    ...kinds.integer(0, 1000),
    description: 'Calls of one tenant that may wait for their turn on a replica; more are refused.',
    default: '32',
  }),
  MCP_LIMIT_TENANT_WAIT: limit({
    ...kinds.seconds(0.1, 30),
    description: 'Seconds that a call waits for its turn at most.',
    default: '5',
  }),
  MCP_LIMIT_ADDRESS_FAILURES_RATE: limit({
    ...kinds.decimal(0.1, 10_000),
    description:
      'Failures to authenticate that one address (IPv6: one /64) may cause each minute in the long run. Keys already in use are not affected. Behind a proxy this needs TRUST_PROXY, else all clients share one address.',
    default: '10',
    defaultIn: { test: '10000' },
    safety: true,
  }),
  MCP_LIMIT_ADDRESS_FAILURES_BURST: limit({
    ...kinds.integer(1, 10_000),
    description: 'Failures to authenticate that one address may cause at once after a pause.',
    default: '20',
    defaultIn: { test: '10000' },
    safety: true,
  }),
  MCP_LIMIT_EVENT_LOOP_DELAY: limit({
    ...kinds.seconds(0.05, 60),
    description:
      'Seconds of mean event loop delay above which calls are turned away, once it has lasted for three seconds.',
    default: '1',
  }),
  MCP_LIMIT_EVENT_LOOP_UTILIZATION: limit({
    ...kinds.decimal(0.5, 1),
    description:
      'Share of busy time of the event loop above which calls are turned away, once it has lasted for three seconds. 1 is never.',
    default: '0.98',
    defaultIn: { test: '1' },
  }),
};
