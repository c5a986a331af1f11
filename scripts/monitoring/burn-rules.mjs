/** The rules file of one promise: rates over all windows, and alerts where the budget burns in a long and a short one. */
import { stringify } from 'yaml';
import { BURNS } from './slos.mjs';

/** How often each group is evaluated, in seconds: twice a minute is enough for windows of 5 minutes and more. */
const EVERY_S = 30;
/** Windows of days move slowly. Below the 5 minutes for which Prometheus takes a value for the present one. */
const SLOW_EVERY_S = 120;

const WINDOWS = ['5m', '30m', '1h', '2h', '6h'];
const SLOW_WINDOWS = ['1d', '3d', '30d'];

/** @typedef {import('./slos.mjs').Slo} Slo */

const round = (/** @type {number} */ value) => Number(value.toPrecision(6));

/**
 * Everything longer than 5 minutes is made of the rates over 5 minutes, errors and events apart, so that a busy hour
 * weighs more than a quiet one and no query reads a month of every series.
 * @param {Slo} slo @param {string} window
 */
function ratioRule({ name }, window) {
  const over = (/** @type {string} */ series) =>
    window === '5m' ? `${series}{slo="${name}"}` : `sum_over_time(${series}{slo="${name}"}[${window}])`;
  return {
    record: `slo:sli_error:ratio_rate${window}`,
    // No events, no ratio: silence is not an outage.
    expr: `${over('slo:errors:rate5m')} / (${over('slo:events:rate5m')} > 0)`,
  };
}

/** @param {Slo} slo */
const baseRules = (slo) => [
  { record: 'slo:errors:rate5m', expr: slo.errors('5m'), labels: { slo: slo.name } },
  { record: 'slo:events:rate5m', expr: slo.events('5m'), labels: { slo: slo.name } },
];

/** @param {Slo} slo */
const burnRule = ({ name, objective }) => ({
  record: 'slo:burn_rate:1h',
  expr: `slo:sli_error:ratio_rate1h{slo="${name}"} / ${round(1 - objective)}`,
});

/** @param {Slo} slo */
const remainingRule = ({ name, objective }) => ({
  record: 'slo:error_budget_remaining:ratio30d',
  expr: `1 - slo:sli_error:ratio_rate30d{slo="${name}"} / ${round(1 - objective)}`,
});

const pace = (/** @type {number} */ factor) =>
  factor === 1 ? 'faster than it may' : `${factor} times as fast as it may`;

/** @param {Slo} slo @param {(typeof BURNS)[number]} burn */
function burnAlert(slo, { suffix, severity, long, short, factor }) {
  const ratio = (/** @type {string} */ window) => `slo:sli_error:ratio_rate${window}{slo="${slo.name}"}`;
  const threshold = round(factor * (1 - slo.objective));
  const alert = `${slo.alert}${suffix}`;
  return {
    alert,
    expr: [
      `${ratio(long)} > ${threshold}`,
      `and ${ratio(short)} > ${threshold}`,
      `and sum_over_time(slo:errors:rate5m{slo="${slo.name}"}[${long}]) * ${EVERY_S} >= ${slo.leastBad}`,
    ].join('\n'),
    labels: { severity, long, short },
    annotations: {
      summary: `The budget of ${slo.name} burns ${pace(factor)}`,
      description: `{{ $value | humanizePercentage }} ${slo.bad} over ${long}; ${round(threshold * 100)} % is the limit here.`,
      runbook_url: `docs/PRODUCTION-RUNBOOK.md#${alert.toLowerCase()}`,
    },
  };
}

const HEADER = (/** @type {Slo} */ { name, objective }) =>
  `# Made by scripts/monitoring/generate.mjs from scripts/monitoring/slos.mjs: change it there.
# The promise: ${round(objective * 100)} % of ${name} over 30 days.
`;

/** @param {Slo} slo @returns {string} the text of `docker/prometheus/rules/slo-<name>.yml` */
export function burnRulesText(slo) {
  const groups = [
    {
      name: `slo-${slo.name}`,
      interval: `${EVERY_S}s`,
      rules: [...baseRules(slo), ...WINDOWS.map((window) => ratioRule(slo, window)), burnRule(slo)],
    },
    {
      name: `slo-${slo.name}-days`,
      interval: `${SLOW_EVERY_S}s`,
      rules: [...SLOW_WINDOWS.map((window) => ratioRule(slo, window)), remainingRule(slo)],
    },
    {
      name: `slo-${slo.name}-alerts`,
      interval: `${EVERY_S}s`,
      rules: BURNS.map((burn) => burnAlert(slo, burn)),
    },
  ];
  return HEADER(slo) + stringify({ groups }, { lineWidth: 0 });
}
