import { describe, expect, it } from 'vitest';
import { groupings, selectors } from './promql.js';

const names = (expression: string) => selectors(expression).map(({ metric }) => metric);

describe('what an expression uses', () => {
  it('is its metrics, without functions, aggregations, windows and numbers', () => {
    expect(
      names('sum by (le) (rate(a_bucket{x="1"}[5m])) / 2 > 0.5 <= 1 and on (instance) b or vector(0)'),
    ).toEqual(['a_bucket', 'b']);
    expect(names('count(count_values("start", e > time() - 900)[30m:15s])')).toEqual(['e']);
    expect(names('c{x="1"} unless c{x="1"} offset 15m')).toEqual(['c', 'c']);
    expect(names('min_over_time(slo:x:rate5m{slo="a"}[2m]) * on (tool) group_left sum(d)')).toEqual([
      'slo:x:rate5m',
      'd',
    ]);
  });

  it('is the labels that select, with the values', () => {
    expect(selectors('a{job="j", outcome!~"x|y"}')).toEqual([
      {
        metric: 'a',
        labels: [
          { name: 'job', operator: '=', value: 'j' },
          { name: 'outcome', operator: '!~', value: 'x|y' },
        ],
      },
    ]);
  });

  it('is the labels by which it groups', () => {
    expect(groupings('sum by (le, work) (a) / on (tool) group_left max without (work) (b)')).toEqual([
      'le',
      'work',
      'tool',
    ]);
  });
});
