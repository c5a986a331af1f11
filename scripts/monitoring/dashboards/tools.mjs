/** Each tool: how often, how it ends, how long it takes, and what it waits for. */
import { choice, dashboard } from '../dashboard.mjs';
import { panel, quantile, rate } from '../panels.mjs';

const CHOSEN = 'tool=~"$tool"';

const calls = {
  title: 'Calls',
  panels: [
    panel({
      title: 'Calls by tool',
      description: 'A second. `_unknown`: a name that is no tool.',
      unit: 'reqps',
      width: 12,
      stack: true,
      queries: [[`sum by (tool) (${rate('mcp_tool_calls_total', CHOSEN)})`, '{{tool}}']],
    }),
    panel({
      title: 'Share that does not end well',
      description:
        'By tool and by whose making. `client`: wrong arguments, conflicts, scopes. `server`: ours.',
      unit: 'percentunit',
      width: 12,
      queries: [
        [
          `sum by (tool, outcome) (${rate('mcp_tool_calls_total', `${CHOSEN},outcome!="ok"`)}) / on (tool) group_left sum by (tool) (${rate('mcp_tool_calls_total', CHOSEN)})`,
          '{{tool}} {{outcome}}',
        ],
      ],
    }),
  ],
};

const time = {
  title: 'Time',
  panels: [
    panel({
      title: 'Time, median',
      description: 'As the caller meets it, waits included.',
      unit: 's',
      queries: [[quantile(0.5, 'mcp_tool_duration_seconds', { by: 'tool', labels: CHOSEN }), '{{tool}}']],
    }),
    panel({
      title: 'Time, 95th percentile',
      description: 'As the caller meets it. Calls that read many orders may take up to 55 seconds.',
      unit: 's',
      queries: [[quantile(0.95, 'mcp_tool_duration_seconds', { by: 'tool', labels: CHOSEN }), '{{tool}}']],
    }),
    panel({
      title: 'Overhead, 99th percentile',
      description: 'Time in this server itself. The promise is 50 ms over all tools.',
      unit: 's',
      queries: [[quantile(0.99, 'mcp_tool_overhead_seconds', { by: 'tool', labels: CHOSEN }), '{{tool}}']],
    }),
    panel({
      title: 'Share above 50 ms of overhead',
      description: 'By tool: which of them uses up the budget of OverheadBurnFast and OverheadBurnSlow.',
      unit: 'percentunit',
      width: 12,
      queries: [
        [
          `1 - sum by (tool) (${rate('mcp_tool_overhead_seconds_bucket', `${CHOSEN},le="0.05"`)}) / sum by (tool) (${rate('mcp_tool_overhead_seconds_count', CHOSEN)})`,
          '{{tool}}',
        ],
      ],
    }),
    panel({
      title: 'What calls wait for',
      description:
        'Seconds of waiting in each second, of all calls: Order Desk, its budget, Redis, Postgres, locks.',
      unit: 's',
      width: 12,
      stack: true,
      queries: [[`sum by (on) (${rate('mcp_tool_wait_seconds_total')})`, '{{on}}']],
    }),
  ],
};

const writes = {
  title: 'Writes',
  panels: [
    panel({
      title: 'Writes by outcome',
      description:
        'A second. `replayed` is a repeated call that got its stored answer; `unknown` needs a person.',
      unit: 'cps',
      width: 12,
      queries: [[`sum by (outcome) (${rate('orderdesk_changes_total', CHOSEN)})`, '{{outcome}}']],
    }),
    panel({
      title: 'Time of writes, 95th percentile',
      description: 'From the claim in the ledger to its end.',
      unit: 's',
      width: 12,
      queries: [
        [quantile(0.95, 'orderdesk_change_duration_seconds', { by: 'tool', labels: CHOSEN }), '{{tool}}'],
      ],
    }),
  ],
};

export const tools = dashboard({
  uid: 'orderdesk-tools',
  title: 'Order Desk MCP: tools',
  description: 'Rate, outcome, duration, overhead and waits of each tool.',
  sections: [calls, time, writes],
  choices: [choice('tool', 'Tool', 'label_values(mcp_tool_calls_total{job="orderdesk-mcp"}, tool)')],
});
