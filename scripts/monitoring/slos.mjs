/**
 * What the service promises, as a table: from it come the recording rules and the burn-rate alerts. An event is one
 * operation; whether it was bad is said by counters of our own, so that what Order Desk or a client did wrong costs
 * nothing here (`causes.yml` watches Order Desk).
 */

/**
 * @typedef {object} Slo
 * @property {string} name value of the label `slo`
 * @property {string} alert what the names of its alerts begin with
 * @property {number} objective share of good events over 30 days
 * @property {string} bad in words, after a percentage
 * @property {number} leastBad bad events in the longer window without which no alert fires
 * @property {(window: string) => string} errors bad events a second, 0 where there are none
 * @property {(window: string) => string} events all events a second, 0 where there are none
 */

/** Where no replica is scraped there is no series, and nothing plus something would be nothing. */
const rate = (/** @type {string} */ selector, /** @type {string} */ window) =>
  `(sum(rate(${selector}[${window}])) or vector(0))`;

const CALLS = 'mcp_tool_calls_total{job="orderdesk-mcp"}';
const FAILED_CALLS = 'mcp_tool_calls_total{job="orderdesk-mcp",outcome="server"}';
/**
 * Each failure of our making once, whether a tool failed or a request before it reached one. HTTP statuses would not say
 * whose making it was: 503 is also the answer for a store that is busy at Order Desk.
 */
const FAILURES = 'errors_total{job="orderdesk-mcp",type="server"}';

/** @type {readonly Slo[]} */
export const SLOS = [
  {
    name: 'availability',
    alert: 'Availability',
    objective: 0.999,
    bad: 'of the calls fail by our making',
    // One failure at night is a line in the log; the fifth within the window is a pattern.
    leastBad: 5,
    errors: (window) => rate(FAILURES, window),
    // Calls, and requests that failed before they were one.
    events: (window) =>
      `${rate(CALLS, window)} + clamp_min(${rate(FAILURES, window)} - ${rate(FAILED_CALLS, window)}, 0)`,
  },
  {
    name: 'overhead',
    alert: 'Overhead',
    objective: 0.99,
    bad: 'of the calls spend 50 ms or more in this server itself',
    // The first calls after a start run code that is not yet compiled.
    leastBad: 20,
    errors: (window) =>
      `${rate('mcp_tool_overhead_seconds_count{job="orderdesk-mcp"}', window)} - ` +
      rate('mcp_tool_overhead_seconds_bucket{job="orderdesk-mcp",le="0.05"}', window),
    events: (window) => rate('mcp_tool_overhead_seconds_count{job="orderdesk-mcp"}', window),
  },
];

/**
 * The usual four of a 30-day budget: `factor` times the pace at which the budget would just last. The longer window says
 * that it matters, the shorter one that it still goes on, and ends the alert soon after it has ended.
 */
export const BURNS = [
  { suffix: 'BurnFast', severity: 'page', long: '1h', short: '5m', factor: 14.4 },
  { suffix: 'BurnFast', severity: 'page', long: '6h', short: '30m', factor: 6 },
  { suffix: 'BurnSlow', severity: 'ticket', long: '1d', short: '2h', factor: 3 },
  { suffix: 'BurnSlow', severity: 'ticket', long: '3d', short: '6h', factor: 1 },
];
