/** Results of operations for a person: a list as a table, one thing as a line each. */

export function render(result: unknown): string {
  if (Array.isArray(result)) return result.length === 0 ? 'none\n' : table(result.map(toCells));
  return [...toCells(result)].map(([name, value]) => `${name}: ${value}\n`).join('');
}

function toCells(value: unknown): ReadonlyMap<string, string> {
  if (value === null || typeof value !== 'object') return new Map([['value', String(value)]]);
  return new Map(Object.entries(value).map(([name, cell]) => [name, text(cell)]));
}

function text(cell: unknown): string {
  if (cell === null || cell === undefined) return '-';
  if (!Array.isArray(cell)) return String(cell);
  return cell.length === 0 ? 'none' : cell.join(', ');
}

function table(rows: readonly ReadonlyMap<string, string>[]): string {
  const columns = [...(rows[0]?.keys() ?? [])];
  const lines = [new Map(columns.map((name) => [name, name])), ...rows];
  const width = (column: string) => Math.max(...lines.map((line) => line.get(column)?.length ?? 0));
  const widths = new Map(columns.map((column) => [column, width(column)]));
  return lines
    .map((line) =>
      columns
        .map((column) => (line.get(column) ?? '').padEnd(widths.get(column) ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
