/** Order Desk as it is met from here, the budget of its stores, the cache before it, and the ledger of writes. */
import { dashboard } from '../dashboard.mjs';
import { panel, quantile, rate, series, stat, worseAbove } from '../panels.mjs';

/** What was refused here before it was sent says nothing of Order Desk. */
const SENT = 'outcome!="not_sent"';

const orderDesk = {
  title: 'Order Desk',
  panels: [
    panel({
      title: 'Requests by outcome',
      description:
        'A second. `unavailable`, `timeout` and `malformed` are failures of Order Desk; `not_sent` never got there.',
      unit: 'reqps',
      stack: true,
      queries: [[`sum by (outcome) (${rate('orderdesk_api_calls_total')})`, '{{outcome}}']],
    }),
    panel({
      title: 'Requests by route',
      description: 'A second, of those that were sent.',
      unit: 'reqps',
      stack: true,
      queries: [[`sum by (route) (${rate('orderdesk_api_calls_total', SENT)})`, '{{route}}']],
    }),
    panel({
      title: 'Time that requests take',
      description: 'Until the last byte. A request is given up after UPSTREAM_TIMEOUT (10 seconds).',
      unit: 's',
      queries: [0.5, 0.95, 0.99].map((q) => [quantile(q, 'orderdesk_api_duration_seconds'), `p${q * 100}`]),
    }),
    panel({
      title: 'Share that is answered with 429',
      description: 'Each pauses everybody who shares the budget of the store. Above 1 % is a ticket.',
      unit: 'percentunit',
      queries: [
        [
          `sum(${rate('orderdesk_api_calls_total', 'outcome="rate_limited"')}) / sum(${rate('orderdesk_api_calls_total', SENT)})`,
          '429',
        ],
      ],
    }),
    panel({
      title: 'Requests made again',
      description: 'A second, by what went wrong before. At most a fifth of all requests and three a second.',
      unit: 'cps',
      queries: [[`sum by (reason) (${rate('orderdesk_api_retries_total')})`, '{{reason}}']],
    }),
    panel({
      title: 'Breakers',
      description: 'A store, or the host as a whole, was left alone (open), tried, and served again.',
      unit: 'cps',
      queries: [[`sum by (scope, to) (${rate('orderdesk_breaker_changes_total')})`, '{{scope}} {{to}}']],
    }),
    panel({
      title: 'Connections to Order Desk',
      description: 'Of each replica: 64 at most.',
      unit: 'none',
      width: 12,
      queries: [
        [`sum by (instance, state) (${series('orderdesk_pool_connections')})`, '{{instance}} {{state}}'],
      ],
    }),
    panel({
      title: 'Requests in the pool',
      description: 'Under way, and waiting for a connection. A queue that lasts: stores hang.',
      unit: 'none',
      width: 12,
      queries: [
        [`sum by (instance, state) (${series('orderdesk_pool_requests')})`, '{{instance}} {{state}}'],
      ],
    }),
  ],
};

const budget = {
  title: 'Rate budget of the stores',
  panels: [
    panel({
      title: 'Waits for a token, 95th percentile',
      description:
        'By priority. A busy store makes its callers wait: three requests a second is what it has.',
      unit: 's',
      queries: [[quantile(0.95, 'rate_budget_wait_seconds', { by: 'priority' }), '{{priority}}']],
    }),
    panel({
      title: 'How waits end',
      description: 'A second. `exhausted` and `crowded` are refused, `left` hung up.',
      unit: 'cps',
      stack: true,
      queries: [[`sum by (outcome) (${rate('rate_budget_wait_seconds_count')})`, '{{outcome}}']],
    }),
    panel({
      title: 'Others at work on the same stores',
      description: 'Answers a second that showed somebody else using the budget.',
      unit: 'cps',
      queries: [[`sum(${rate('rate_budget_foreign_use_total')})`, 'foreign use']],
    }),
    panel({
      title: 'Kept by one process alone',
      description: '1 while a replica counts budgets or limits for itself, for want of Redis.',
      unit: 'none',
      width: 12,
      queries: [
        [series('rate_budget_mode', 'mode="local"'), '{{instance}} budget'],
        [series('rate_limiter_mode', 'mode="local"'), '{{instance}} limits'],
      ],
    }),
    panel({
      title: 'Cache: share of reads served',
      description: 'By resource.',
      unit: 'percentunit',
      queries: [
        [
          `sum by (resource) (${rate('cache_operations_total', 'operation="hit"')}) / sum by (resource) (${rate('cache_operations_total', 'operation=~"hit|miss"')})`,
          '{{resource}}',
        ],
      ],
    }),
    stat({
      title: 'Cache entries',
      description: 'In the memory of the replicas; 0 where the cache is in Redis.',
      unit: 'none',
      queries: [[`sum(${series('cache_items')})`, 'entries']],
    }),
    panel({
      title: 'Cache operations',
      description: 'A second. `stale_generation`: a write came in between, the answer was not kept.',
      unit: 'cps',
      width: 24,
      queries: [[`sum by (operation) (${rate('cache_operations_total')})`, '{{operation}}']],
    }),
  ],
};

const ledger = {
  title: 'Ledger of writes',
  panels: [
    stat({
      title: 'Unfinished',
      description: 'Changes of all replicas without an outcome for over a minute, as of the last sweep.',
      unit: 'none',
      queries: [[`max(${series('orderdesk_changes_unfinished')})`, 'changes']],
      steps: worseAbove(1, 10),
    }),
    stat({
      title: 'Oldest unfinished',
      description: 'Its age. A ticket above 5 minutes (ChangesUnfinished).',
      unit: 's',
      queries: [[`max(${series('orderdesk_changes_oldest_unfinished_seconds')})`, 'age']],
      steps: worseAbove(60, 300),
    }),
    panel({
      title: 'What the sweep found',
      description: 'A second, by verdict. `unknown` needs a person (WritesUnknown).',
      unit: 'cps',
      queries: [[`sum by (verdict) (${rate('orderdesk_changes_swept_total')})`, '{{verdict}}']],
    }),
    panel({
      title: 'Writes by outcome',
      description: 'A second.',
      unit: 'cps',
      queries: [[`sum by (outcome) (${rate('orderdesk_changes_total')})`, '{{outcome}}']],
    }),
  ],
};

export const upstream = dashboard({
  uid: 'orderdesk-upstream',
  title: 'Order Desk MCP: upstream and budget',
  description: 'Calls of Order Desk, rate budgets, cache, and the ledger of writes.',
  sections: [orderDesk, budget, ledger],
});
