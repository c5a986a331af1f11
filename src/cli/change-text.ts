/** Changes for a person. What customers and clients wrote is in them: a terminal must not obey it. */
import type { ShownChange } from './change-commands.js';

/** Controls, invisible and directional characters, and line separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const escaped = (text: string): string =>
  text.replace(UNPRINTABLE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** JSON in one line that a terminal can show; it reads back as the same value. */
export const jsonLine = (value: unknown): string => escaped(JSON.stringify(value) ?? 'null');

type Line = NonNullable<ShownChange['lines']>[number];

const targetOf = ({ target: { kind, id, name } }: Line): string =>
  `${kind} ${id ?? 'new'}${name === undefined ? '' : ` (${escaped(name)})`}`;

function targetsOf({ lines }: ShownChange): string {
  if (lines === null) return '-';
  const [first, ...others] = lines;
  if (first === undefined) return '-';
  return `${targetOf(first)}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}

/** A line of a table. */
export const listRow = (change: ShownChange) => ({
  id: change.id,
  at: change.at,
  store: escaped(change.store ?? change.orderDeskStoreId),
  key: escaped(change.key),
  tool: change.tool,
  state: change.state,
  outcome: change.outcome ?? null,
  target: targetsOf(change),
  undoneBy: change.undoneBy,
});

/** One change in full: its facts a line each, then what was and what is of each of its lines. */
export function changeText({ lines, ...facts }: ShownChange): string {
  const head = Object.entries(facts).map(([name, value]) => `${name}: ${factText(value)}\n`);
  if (lines === null) return `${head.join('')}what was and what is: past its time, or no longer readable\n`;
  return [...head, ...lines.flatMap(lineTexts)].join('');
}

const factText = (value: unknown): string =>
  value === null || value === undefined ? '-' : escaped(String(value));

function lineTexts(line: Line): string[] {
  const { outcome, message, quoted, fields } = line;
  return [
    `${targetOf(line)}: ${outcome}${message === undefined ? '' : ` - ${escaped(message)}`}\n`,
    ...(quoted === undefined ? [] : [`  Order Desk wrote: ${jsonLine(quoted)}\n`]),
    ...fields.map(
      ({ path, before, after }) =>
        `  ${escaped(path.join('.'))}: ${valueText(before)} -> ${valueText(after)}\n`,
    ),
  ];
}

const valueText = (value: unknown): string => (value === undefined ? '(none)' : jsonLine(value));
