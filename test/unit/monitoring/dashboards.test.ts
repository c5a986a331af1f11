/** What Grafana expects of a dashboard, and what ours promise to somebody who reads them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Dashboard, dashboards, type Panel, ROOT } from './files.js';

const provisioned = z
  .object({ datasources: z.array(z.object({ type: z.string(), uid: z.string() })) })
  .parse(parse(readFileSync(join(ROOT, 'docker/grafana/provisioning/datasources/prometheus.yml'), 'utf8')))
  .datasources[0];

const all = dashboards();
const uids = all.map(({ uid }) => uid);

it('the dashboards are the three, each under its own id', () => {
  expect(uids.sort()).toEqual(['orderdesk-overview', 'orderdesk-tools', 'orderdesk-upstream']);
});

const overlap = (a: Panel, b: Panel): boolean =>
  a.gridPos.x < b.gridPos.x + b.gridPos.w &&
  b.gridPos.x < a.gridPos.x + a.gridPos.w &&
  a.gridPos.y < b.gridPos.y + b.gridPos.h &&
  b.gridPos.y < a.gridPos.y + a.gridPos.h;

describe.each(all.map((dashboard): [string, Dashboard] => [dashboard.uid, dashboard]))(
  '%s',
  (_uid, dashboard) => {
    const { panels } = dashboard;
    const graphs = panels.filter(({ type }) => type !== 'row');

    it('has panels of different ids that do not overlap and keep to the 24 columns', () => {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      const pairs = panels.flatMap((a, index) => panels.slice(index + 1).map((b) => [a, b] as const));
      expect(pairs.filter(([a, b]) => overlap(a, b)).map(([a, b]) => `${a.title} / ${b.title}`)).toEqual([]);
      expect(panels.filter(({ gridPos: { x, w } }) => x < 0 || x + w > 24)).toEqual([]);
    });

    it('asks the datasource that is provisioned', () => {
      const asked = [
        ...graphs.map(({ datasource }) => datasource),
        ...graphs.flatMap(({ targets }) => (targets ?? []).map(({ datasource }) => datasource)),
        ...dashboard.templating.list.map(({ datasource }) => datasource),
      ];
      expect(
        asked.filter((source) => source?.uid !== provisioned?.uid || source?.type !== provisioned?.type),
      ).toEqual([]);
    });

    it('says of each panel what it shows, in which unit, and names its lines', () => {
      const mute = graphs.filter(
        ({ description, fieldConfig, targets }) =>
          description === undefined ||
          fieldConfig === undefined ||
          targets === undefined ||
          targets.length === 0 ||
          targets.some(({ legendFormat }) => legendFormat === '') ||
          new Set(targets.map(({ refId }) => refId)).size !== targets.length,
      );
      expect(mute.map(({ title }) => title)).toEqual([]);
      expect(new Set(graphs.map(({ title }) => title)).size).toBe(graphs.length);
    });

    it('can be narrowed to a replica: each query that is not of a promise keeps to the chosen ones', () => {
      expect(dashboard.templating.list.map(({ name }) => name)).toContain('replica');
      const queries = graphs.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr));
      const wide = queries.filter(
        (expr) => !expr.startsWith('slo:') && !expr.includes('instance=~"$replica"'),
      );
      expect(wide).toEqual([]);
    });
  },
);
