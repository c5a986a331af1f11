/** Is it well, and if not, where to look: the dashboard of somebody who has just been woken. */
import { dashboard } from '../dashboard.mjs';
import { panel, quantile, rate, series, stat, worseAbove, worseBelow } from '../panels.mjs';

const promise = {
  title: 'What we promise (all replicas)',
  panels: [
    stat({
      title: 'Budget left: availability',
      description:
        'Of the 0.1 % of calls that may fail by our making in 30 days. Below 0 the promise is broken.',
      unit: 'percentunit',
      queries: [['slo:error_budget_remaining:ratio30d{slo="availability"}', 'left']],
      steps: worseBelow(0, 0.25),
    }),
    stat({
      title: 'Budget left: overhead',
      description: 'Of the 1 % of calls that may spend 50 ms or more in this server itself in 30 days.',
      unit: 'percentunit',
      queries: [['slo:error_budget_remaining:ratio30d{slo="overhead"}', 'left']],
      steps: worseBelow(0, 0.25),
    }),
    panel({
      title: 'Burn rate over an hour',
      description:
        '1 uses up the budget in just 30 days. 14.4 pages (AvailabilityBurnFast, OverheadBurnFast).',
      unit: 'none',
      queries: [['slo:burn_rate:1h', '{{slo}}']],
    }),
    panel({
      title: 'Calls that fail by our making',
      description: 'Share of operations, over 5 minutes and over an hour. The promise is 0.1 % at most.',
      unit: 'percentunit',
      queries: [
        ['slo:sli_error:ratio_rate5m{slo="availability"}', '5 minutes'],
        ['slo:sli_error:ratio_rate1h{slo="availability"}', '1 hour'],
      ],
    }),
  ],
};

const traffic = {
  title: 'Traffic',
  panels: [
    panel({
      title: 'Calls of tools',
      description: 'A second, by how they ended: ok, or by whose making they failed.',
      unit: 'reqps',
      stack: true,
      queries: [[`sum by (outcome) (${rate('mcp_tool_calls_total')})`, '{{outcome}}']],
    }),
    panel({
      title: 'Time that calls take',
      description: 'Waits for Order Desk and for the budget of the store included.',
      unit: 's',
      queries: [0.5, 0.95, 0.99].map((q) => [quantile(q, 'mcp_tool_duration_seconds'), `p${q * 100}`]),
    }),
    panel({
      title: 'Overhead',
      description: 'Time in this server itself: the total less all waits. The promise is 99 % below 50 ms.',
      unit: 's',
      queries: [0.5, 0.95, 0.99].map((q) => [quantile(q, 'mcp_tool_overhead_seconds'), `p${q * 100}`]),
    }),
    panel({
      title: 'HTTP requests to /mcp',
      description: 'A second, by status.',
      unit: 'reqps',
      stack: true,
      queries: [[`sum by (status) (${rate('http_requests_total', 'route=~"/mcp.*"')})`, '{{status}}']],
    }),
    panel({
      title: 'Failures',
      description: 'A second, by whose making and code. Look up a code in docs/TOOLS.md.',
      unit: 'cps',
      queries: [[`sum by (type, code) (${rate('errors_total')})`, '{{type}}: {{code}}']],
    }),
    panel({
      title: 'Refused by our limits',
      description: 'A second, by limit: key, address, tenant, and pressure on the process.',
      unit: 'cps',
      queries: [
        [`sum by (limit) (${rate('inbound_limits_total', 'outcome="refused"')})`, '{{limit}}'],
        [`sum(${rate('auth_attempts_total', 'outcome="refused"')})`, 'keys not accepted'],
      ],
    }),
  ],
};

const replicas = {
  title: 'Replicas and what they stand on',
  panels: [
    stat({
      title: 'Replicas up',
      description: 'Replicas that answer the scrape.',
      unit: 'none',
      queries: [[`sum(${series('up')})`, 'up']],
      steps: worseBelow(1, 2),
    }),
    stat({
      title: 'Replicas ready',
      description: 'Replicas that take calls. A draining one is up and not ready.',
      unit: 'none',
      queries: [[`sum(${series('server_ready')})`, 'ready']],
      steps: worseBelow(1, 2),
    }),
    stat({
      title: 'Active tenants',
      description: 'Tenants with a call in the last five minutes, on the replica that has most of them.',
      unit: 'none',
      queries: [[`max(${series('active_tenants')})`, 'tenants']],
    }),
    stat({
      title: 'Disk',
      description: 'Used share of the file system of DATA_DIR. A ticket above 80 %, a page above 90 %.',
      unit: 'percentunit',
      queries: [[`max(${series('disk_used_ratio')})`, 'used']],
      steps: worseAbove(0.8, 0.9),
    }),
    panel({
      title: 'Degraded',
      description: '1 while a replica does without Redis or Postgres, or sheds load.',
      unit: 'none',
      queries: [[`max by (instance, part) (${series('server_degraded')})`, '{{instance}} {{part}}']],
    }),
    stat({
      title: 'Builds',
      description:
        'What runs. More than one for long is a deployment that was not finished (ReplicasDiffer).',
      unit: 'none',
      width: 8,
      queries: [[`count by (version, commit) (${series('build_info')})`, '{{version}} {{commit}}']],
    }),
    panel({
      title: 'Age of each process',
      description:
        'Since its start. Saw teeth are a replica that starts again and again (ReplicaRestarting).',
      unit: 's',
      queries: [[`time() - ${series('process_start_time_seconds')}`, '{{instance}}']],
    }),
    panel({
      title: 'Requests in flight',
      description: 'On each replica. Alike on all, or the balancer does not balance.',
      unit: 'none',
      queries: [[series('http_requests_in_flight'), '{{instance}}']],
    }),
    panel({
      title: 'Key verifications (bcrypt)',
      description: 'Two run at once on a replica and 64 wait at most; known keys need none.',
      unit: 'none',
      queries: [[`sum by (instance, state) (${series('auth_hashes')})`, '{{instance}} {{state}}']],
    }),
  ],
};

const resources = {
  title: 'Resources',
  panels: [
    panel({
      title: 'Processor',
      description: 'Cores in use by each replica.',
      unit: 'none',
      queries: [[rate('process_cpu_seconds_total'), '{{instance}}']],
    }),
    panel({
      title: 'Memory',
      description: 'Resident memory and the JavaScript heap in use. The heap falls with each collection.',
      unit: 'bytes',
      queries: [
        [series('process_resident_memory_bytes'), '{{instance}} resident'],
        [series('nodejs_heap_size_used_bytes'), '{{instance}} heap'],
      ],
    }),
    panel({
      title: 'Event loop delay',
      description:
        '99th percentile since the last scrape; usual is a few milliseconds. All calls of the replica wait that long.',
      unit: 's',
      queries: [[series('nodejs_eventloop_lag_p99_seconds'), '{{instance}}']],
    }),
    panel({
      title: 'Event loop in use',
      description: 'Share of time. Above 98 % for three seconds calls are turned away.',
      unit: 'percentunit',
      queries: [[series('nodejs_eventloop_utilization_ratio'), '{{instance}}']],
    }),
    panel({
      title: 'Connections to Postgres',
      description: 'In use and idle, the most there may be, and statements that wait for one.',
      unit: 'none',
      queries: [
        [`sum by (instance, state) (${series('db_pool_connections')})`, '{{instance}} {{state}}'],
        [series('db_pool_waiting'), '{{instance}} waiting'],
        [`max(${series('db_pool_max')})`, 'most of one replica'],
      ],
    }),
    panel({
      title: 'Statements',
      description: '95th percentile of the time a statement takes, by whose work it is.',
      unit: 's',
      queries: [[quantile(0.95, 'db_query_duration_seconds', { by: 'work' }), '{{work}}']],
    }),
    panel({
      title: 'Failed statements',
      description: 'A second, by whose work it was.',
      unit: 'cps',
      queries: [
        [`sum by (work) (${rate('db_query_duration_seconds_count', 'outcome="error"')})`, '{{work}}'],
      ],
    }),
    panel({
      title: 'Redis',
      description:
        'Whether each replica reaches it, and commands that wait. Nothing where none is configured.',
      unit: 'none',
      queries: [
        [series('redis_up'), '{{instance}} up'],
        [series('redis_queue_length'), '{{instance}} queued'],
      ],
    }),
    panel({
      title: 'Open files',
      description: 'File descriptors of each replica. A line that only rises is a leak.',
      unit: 'none',
      queries: [[series('process_open_fds'), '{{instance}}']],
    }),
  ],
};

export const overview = dashboard({
  uid: 'orderdesk-overview',
  title: 'Order Desk MCP: overview',
  description: 'Traffic, promises, replicas and resources.',
  sections: [promise, traffic, replicas, resources],
});
