/** The files of Prometheus and Grafana, parsed: what the tests below `monitoring` compare. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const PROMETHEUS = join(ROOT, 'docker/prometheus');
const DASHBOARDS = join(ROOT, 'docker/grafana/dashboards');

const texts = z.record(z.string(), z.string());
const ruleFile = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          alert: z.string().optional(),
          record: z.string().optional(),
          expr: z.string(),
          labels: texts.optional(),
          annotations: texts.optional(),
        }),
      ),
    }),
  ),
});

const caseFile = z.object({
  rule_files: z.array(z.string()),
  tests: z.array(
    z.object({
      name: z.string(),
      input_series: z.array(z.object({ series: z.string() })),
      alert_rule_test: z.array(
        z.object({ alertname: z.string(), exp_alerts: z.array(z.object({ exp_annotations: texts })) }),
      ),
    }),
  ),
});

const box = z.object({ x: z.int(), y: z.int(), w: z.int().positive(), h: z.int().positive() });
const source = z.object({ type: z.string(), uid: z.string() });
const panel = z.object({
  id: z.int(),
  type: z.string(),
  title: z.string().min(1),
  description: z.string().optional(),
  gridPos: box,
  datasource: source.optional(),
  targets: z
    .array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string(), datasource: source }))
    .optional(),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }).optional(),
});
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.int(),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), datasource: source, query: z.object({ query: z.string() }) })),
  }),
  panels: z.array(panel),
});

export type Rule = z.infer<typeof ruleFile>['groups'][number]['rules'][number];
export type Dashboard = z.infer<typeof dashboard>;
export type Panel = z.infer<typeof panel>;

const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));

const read = (path: string): string => readFileSync(path, 'utf8');

export const ruleFiles = (): string[] => filesIn(join(PROMETHEUS, 'rules'), '.yml');
export const caseFiles = (): string[] => filesIn(join(PROMETHEUS, 'tests'), '.yml');

export const rules = (): Rule[] =>
  ruleFiles().flatMap((path) => ruleFile.parse(parse(read(path))).groups.flatMap((group) => group.rules));

export const cases = () => caseFiles().flatMap((path) => caseFile.parse(parse(read(path))).tests);

export const dashboards = (): Dashboard[] =>
  filesIn(DASHBOARDS, '.json').map((path) => dashboard.parse(JSON.parse(read(path))));

/** The names of all alerts, each once. */
export const alertNames = (): string[] => [
  ...new Set(rules().flatMap(({ alert }) => (alert === undefined ? [] : [alert]))),
];

/** Expressions of all panels, with what Grafana puts in for its variables. @param window for rates */
export const dashboardQueries = (window: string): string[] =>
  dashboards()
    .flatMap(({ panels }) => panels)
    .flatMap(({ targets }) => targets ?? [])
    .map(({ expr }) => expr.replaceAll('$__rate_interval', window).replaceAll(/\$(replica|tool)\b/g, '.*'));

export const runbook = (): string => read(join(ROOT, 'docs/PRODUCTION-RUNBOOK.md'));

/** What stands in the runbook as PromQL, one query a block. */
export const runbookQueries = (): string[] =>
  [...runbook().matchAll(/^ *```promql\n([\s\S]*?)^ *```$/gm)].map(([, query = '']) => query.trim());
