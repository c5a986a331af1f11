/** JSON as a person reads it: what fits stays on one line. */

const WIDTH = 110;

/**
 * @param {unknown} value JSON
 * @param {string} [indent] of the line it starts on
 * @param {number} [taken] characters before it on that line
 * @returns {string}
 */
export function showJson(value, indent = '', taken = indent.length) {
  const short = oneLine(value);
  if (taken + short.length <= WIDTH || typeof value !== 'object' || value === null) return short;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return block(
      '[',
      ']',
      value.map((entry) => inner + showJson(entry, inner)),
      indent,
    );
  }
  const entries = Object.entries(value).map(([name, entry]) => {
    const head = `${inner}${JSON.stringify(name)}: `;
    return head + showJson(entry, inner, head.length);
  });
  return block('{', '}', entries, indent);
}

/** @param {string} open @param {string} close @param {readonly string[]} lines @param {string} indent */
const block = (open, close, lines, indent) => `${open}\n${lines.join(',\n')}\n${indent}${close}`;

/** @param {unknown} value @returns {string} */
function oneLine(value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  const entries = Object.entries(value).map(([name, entry]) => `${JSON.stringify(name)}: ${oneLine(entry)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
