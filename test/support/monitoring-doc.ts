/** The catalogue of metrics as `docs/MONITORING.md` shows it, read for comparison with what a server shows. */
import { readFileSync } from 'node:fs';

export interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  /** By label: its values, or `undefined` where the page lists none. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string> | undefined>;
}

export interface Sample {
  /** Of the metric, without the suffix of a histogram. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
}

const PAGE = new URL('../../docs/MONITORING.md', import.meta.url);

export function documentedMetrics(): ReadonlyMap<string, DocumentedMetric> {
  const rows = readFileSync(PAGE, 'utf8').matchAll(
    /^\| `(\w+)` \| (counter|gauge|histogram) \| (.*?) ?\| .+ \|$/gm,
  );
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '']) => [
      name,
      { name, type, labels: labelsIn(labels) },
    ]),
  );
}

function labelsIn(cell: string): DocumentedMetric['labels'] {
  const parts = cell.split(';').filter((part) => part.trim() !== '');
  return new Map(
    parts.map((part) => {
      const [label = '', ...values] = [...part.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
      return [label, values.length === 0 ? undefined : new Set(values)];
    }),
  );
}

/** Name and type of every metric in an exposition. */
export const typesIn = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => [name, type]));

export function samplesIn(text: string): Sample[] {
  const types = typesIn(text);
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)].map(([, full = '', labels = '']) => {
    const base = full.replace(/_(bucket|sum|count)$/, '');
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return {
      name: types.has(full) ? full : base,
      labels: new Map(pairs.map(([, label = '', value = '']): [string, string] => [label, value])),
    };
  });
}

/** One sentence for each sample with a label, or a value, that the page does not have. */
export function undocumentedLabels(text: string): string[] {
  const documented = documentedMetrics();
  const told = samplesIn(text).flatMap(({ name, labels }) =>
    [...labels].flatMap(([label, value]) => {
      if (label === 'le') return [];
      const metric = documented.get(name);
      if (metric?.labels.has(label) !== true) return [`${name} has a label ${label}`];
      const values = metric.labels.get(label);
      return values === undefined || values.has(value) ? [] : [`${name} has ${label}="${value}"`];
    }),
  );
  return [...new Set(told)];
}
