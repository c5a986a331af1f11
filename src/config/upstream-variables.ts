/** How Order Desk is called: time, size and the budget of each store, as variables. */
import type { z } from 'zod';
import * as kinds from './kinds.js';
import type { Variable } from './variables.js';

type Entry<Schema extends z.ZodType> = Omit<Variable<Schema>, 'group' | 'shownIn'>;

const upstream = <Schema extends z.ZodType>(entry: Entry<Schema> & kinds.Kind<Schema>): Variable<Schema> => ({
  ...entry,
  group: 'Order Desk',
  shownIn: ['development', 'staging', 'production'],
});

export const UPSTREAM_VARIABLES = {
  UPSTREAM_TIMEOUT: upstream({
    ...kinds.seconds(0.1, 120),
    description: 'Seconds that one request to Order Desk may take.',
    default: '10',
  }),
  UPSTREAM_DEADLINE: upstream({
    ...kinds.seconds(0.1, 120),
    description: 'Seconds that one call of a tool may take in all, with waits and repeated requests.',
    default: '25',
  }),
  MCP_SCAN_DEADLINE_S: upstream({
    ...kinds.seconds(25, 110),
    description:
      'Seconds that a call may take in all that reads many orders, where the client asked for progress; others keep to UPSTREAM_DEADLINE. Official clients give a call up after 60 seconds unless progress resets their timer, and what was read is lost to them then.',
    default: '55',
  }),
  UPSTREAM_MAX_BODY_MB: upstream({
    ...kinds.mebibytes(1, 256),
    description: 'The largest answer of Order Desk that is read, in MiB.',
    default: '16',
  }),
  UPSTREAM_BUDGET_BURST: upstream({
    ...kinds.integer(1, 100_000),
    description:
      'Requests to one store that all replicas together send at once after a pause. Order Desk grants 20; two are left because requests overtake one another on their way.',
    default: '18',
    safety: true,
  }),
  UPSTREAM_BUDGET_RATE: upstream({
    ...kinds.decimal(0.1, 10_000),
    description:
      'Requests a second to one store that all replicas together send in the long run. Order Desk grants 3, shared with every other integration of the merchant.',
    default: '3',
    safety: true,
  }),
  UPSTREAM_REPLICAS: upstream({
    ...kinds.integer(1, 100),
    description:
      'How many replicas run at most. While Redis is away none knows what the others send, and each keeps to its part of the budget of a store. Without REDIS_URL there is one.',
    default: '3',
    safety: true,
  }),
};
