/**
 * Which metrics and labels a PromQL expression uses. No parser: it relies on what `promtool` has accepted, and on every
 * label matcher standing in braces.
 */

export interface Selector {
  readonly metric: string;
  readonly labels: readonly { readonly name: string; readonly operator: string; readonly value: string }[];
}

const KEYWORDS = new Set(['and', 'or', 'unless', 'offset', 'bool', 'inf', 'nan']);
/** Lists of labels beside an aggregation or a match. */
const LISTS = /\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
/** The label that `count_values` makes. */
const NEW_LABEL = /\bcount_values\s*\(\s*"\w+"\s*,/g;
const SELECTOR = /([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?\s*(\()?/g;
const MATCHER = /(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g;

/** The label lists of aggregations, in the order in which they stand. */
export const groupings = (expression: string): string[] => [
  ...new Set(
    [...expression.matchAll(LISTS)].flatMap(([, , list = '']) =>
      list
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    ),
  ),
];

export function selectors(expression: string): Selector[] {
  const bare = expression
    .replace(NEW_LABEL, '(')
    .replace(LISTS, ' ')
    .replace(/\b(group_left|group_right)\b/g, ' ');
  const withoutRanges = bare.replace(/\[[^\]]*\]/g, ' ').replace(/\boffset\s+\w+/g, ' ');
  return [...withoutRanges.matchAll(SELECTOR)].flatMap(([, metric = '', matchers, call]) => {
    const isFunction = call !== undefined && matchers === undefined;
    if (isFunction || KEYWORDS.has(metric.toLowerCase())) return [];
    const aggregation = /^(sum|max|min|count|avg)$/;
    if (aggregation.test(metric)) return [];
    const labels = [...(matchers ?? '').matchAll(MATCHER)].map(
      ([, name = '', operator = '', value = '']) => ({
        name,
        operator,
        value,
      }),
    );
    return [{ metric, labels }];
  });
}
