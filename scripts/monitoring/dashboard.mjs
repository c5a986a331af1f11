/** A dashboard around its sections: replicas to choose from at the top, links to the others. */
import { DATASOURCE, layOut } from './panels.mjs';

/** One, several or all values of a label. @param {string} name @param {string} label @param {string} query */
export const choice = (name, label, query) => ({
  name,
  label,
  type: 'query',
  datasource: DATASOURCE,
  query: { query, refId: name },
  includeAll: true,
  multi: true,
  allValue: '.*',
  current: { selected: true, text: ['All'], value: ['$__all'] },
  refresh: 2,
  sort: 1,
});

const REPLICAS = choice('replica', 'Replica', 'label_values(up{job="orderdesk-mcp"}, instance)');

/**
 * @param {object} input
 * @param {string} input.uid
 * @param {string} input.title
 * @param {string} input.description
 * @param {Parameters<typeof layOut>[0]} input.sections
 * @param {readonly ReturnType<typeof choice>[]} [input.choices] beside the replicas
 */
export const dashboard = ({ uid, title, description, sections, choices = [] }) => ({
  uid,
  title,
  description,
  tags: ['orderdesk-mcp'],
  schemaVersion: 39,
  version: 1,
  editable: false,
  graphTooltip: 1,
  refresh: '30s',
  time: { from: 'now-3h', to: 'now' },
  timezone: 'utc',
  annotations: { list: [] },
  links: [
    {
      type: 'dashboards',
      title: 'Dashboards',
      tags: ['orderdesk-mcp'],
      asDropdown: true,
      keepTime: true,
      includeVars: true,
    },
  ],
  templating: { list: [REPLICAS, ...choices] },
  panels: layOut(sections),
});
