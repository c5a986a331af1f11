/** Panels of Grafana as plain objects, and where they stand. One look for all: what is seen first is what differs. */

/** As docker/grafana/provisioning names it. */
export const DATASOURCE = { type: 'prometheus', uid: 'orderdesk-prometheus' };
const COLUMNS = 24;
const HEIGHT = 8;

/** Of the replicas that are chosen at the top of the dashboard. @param {string} name @param {string} [labels] */
export const series = (name, labels = '') =>
  `${name}{job="orderdesk-mcp",instance=~"$replica"${labels === '' ? '' : `,${labels}`}}`;

/** A second, over the window that fits the zoom. @param {string} name @param {string} [labels] */
export const rate = (name, labels) => `rate(${series(name, labels)}[$__rate_interval])`;

/**
 * A quantile of a histogram over all chosen replicas.
 * @param {number} q @param {string} name without `_bucket` @param {{ by?: string, labels?: string }} [options]
 */
export const quantile = (q, name, { by = '', labels = '' } = {}) =>
  `histogram_quantile(${q}, sum by (le${by === '' ? '' : `, ${by}`}) (${rate(`${name}_bucket`, labels)}))`;

/**
 * @typedef {object} PanelInput
 * @property {string} title
 * @property {string} description what it shows and what is good
 * @property {string} unit as Grafana names it
 * @property {readonly (readonly [expr: string, legend: string])[]} queries
 * @property {number} [width] of 24 columns
 * @property {boolean} [stack]
 * @property {readonly { readonly from: number | null, readonly color: string }[]} [steps] colours from a value on
 * @property {'timeseries' | 'stat' | 'table'} [type]
 */

/** @param {PanelInput} input */
export function panel({
  title,
  description,
  unit,
  queries,
  width = 8,
  stack = false,
  steps,
  type = 'timeseries',
}) {
  return {
    type,
    title,
    description,
    datasource: DATASOURCE,
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
      ...(type === 'timeseries' ? { range: true } : { instant: true }),
    })),
    fieldConfig: {
      defaults: {
        unit,
        ...(steps === undefined ? {} : { thresholds: thresholds(steps), color: { mode: 'thresholds' } }),
        ...(type === 'timeseries' ? { min: 0, custom: lines(stack) } : {}),
      },
      overrides: [],
    },
    options: type === 'timeseries' ? LINES_OPTIONS : STAT_OPTIONS,
    width,
  };
}

/** @param {PanelInput} input */
export const stat = (input) => panel({ width: 4, ...input, type: 'stat' });

const LINES_OPTIONS = {
  legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
  tooltip: { mode: 'multi', sort: 'desc' },
};
const STAT_OPTIONS = {
  colorMode: 'background',
  graphMode: 'area',
  reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
};

const lines = (/** @type {boolean} */ stack) => ({
  drawStyle: 'line',
  lineWidth: 1,
  fillOpacity: stack ? 30 : 10,
  showPoints: 'never',
  stacking: { mode: stack ? 'normal' : 'none', group: 'A' },
});

const thresholds = (/** @type {NonNullable<PanelInput['steps']>} */ steps) => ({
  mode: 'absolute',
  steps: steps.map(({ from, color }) => ({ value: from, color })),
});

/** Green up to a value, then orange, then red. @param {number} orange @param {number} red */
export const worseAbove = (orange, red) => [
  { from: null, color: 'green' },
  { from: orange, color: 'orange' },
  { from: red, color: 'red' },
];

/** Red up to a value, then orange, then green. @param {number} orange @param {number} green */
export const worseBelow = (orange, green) => [
  { from: null, color: 'red' },
  { from: orange, color: 'orange' },
  { from: green, color: 'green' },
];

/**
 * Sections one below the other, their panels from left to right, in lines of 24 columns.
 * @param {readonly { readonly title: string, readonly panels: readonly ReturnType<typeof panel>[] }[]} sections
 */
export function layOut(sections) {
  let id = 0;
  let y = 0;
  const next = () => {
    id += 1;
    return id;
  };
  return sections.flatMap(({ title, panels }) => {
    const header = {
      id: next(),
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: box(0, y, COLUMNS, 1),
    };
    y += 1;
    let x = 0;
    const placed = panels.map(({ width, ...rest }) => {
      if (x + width > COLUMNS) {
        x = 0;
        y += HEIGHT;
      }
      const at = box(x, y, width, HEIGHT);
      x += width;
      return { id: next(), gridPos: at, ...rest };
    });
    y += HEIGHT;
    return [header, ...placed];
  });
}

/** @param {number} x @param {number} y @param {number} w @param {number} h */
const box = (x, y, w, h) => ({ x, y, w, h });
