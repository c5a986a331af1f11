/**
 * Names in the environment that we do not know. A mistyped setting must not pass in silence: under a prefix of ours
 * it is an error, and outside one a near miss is reported by how much it matters.
 */
import type { ConfigProblem } from './problems.js';
import { type Variable, variableList } from './variables.js';

const OUR_PREFIXES = ['MCP_', 'ORDERDESK_', 'CACHE_TTL_', 'ALLOW_', 'AUTH_', 'UPSTREAM_'];

const KNOWN: ReadonlyMap<string, Variable> = new Map(
  variableList.flatMap(([name, entry]) =>
    [
      name,
      ...(entry.secret ? [`${name}_FILE`] : []),
      ...(entry.lowerCaseToo ? [name.toLowerCase()] : []),
    ].map((known): [string, Variable] => [known, entry]),
  ),
);

export interface NameReport {
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}

/** @param env names with their values; values are looked at only to tell Kubernetes' service links */
export function checkNames(env: ReadonlyMap<string, string>): NameReport {
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  for (const [name, value] of env) {
    if (KNOWN.has(name)) continue;
    if (OUR_PREFIXES.some((prefix) => name.startsWith(prefix))) {
      if (!isServiceLink(name, value)) problems.push(unknownName(name));
    } else {
      const near = nearest(name, tolerance);
      if (near === undefined) continue;
      const report = {
        variable: name,
        problem: `is not known, but nearly ${near}`,
        remedy: `Rename or remove it.`,
      };
      (KNOWN.get(near)?.safety ? problems : warnings).push(report);
    }
  }
  return { problems, warnings };
}

function unknownName(name: string): ConfigProblem {
  const near = name.endsWith('_PORT') ? 'PORT' : nearest(name, (known) => Math.ceil(known.length / 3));
  const remedy = near === undefined ? 'Remove it, or see the list of variables.' : `Did you mean ${near}?`;
  return { variable: name, problem: 'is not a known variable', remedy };
}

/** Kubernetes puts the addresses of services into every container: `MCP_SERVICE_HOST`, `MCP_PORT=tcp://…`, and so on. */
const isServiceLink = (name: string, value: string): boolean =>
  /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
  (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value));

/**
 * Short names differ by a letter or two from many innocent ones: `SMTP_HOST` is nobody's misspelt `MCP_HOST`. Swapped
 * or doubled letters still count.
 */
const tolerance = (known: string): number => (known.length < 12 ? 1 : 2);

/** The known name closest to `name`, in any case, within the distance that `allowed` gives for it. */
function nearest(name: string, allowed: (known: string) => number): string | undefined {
  const candidates = [...KNOWN.keys()]
    .map((known) => ({ known, distance: editDistance(name.toUpperCase(), known) }))
    .filter(({ known, distance }) => distance <= allowed(known) && sameStart(name, known))
    .sort((a, b) => a.distance - b.distance);
  return candidates[0]?.known;
}

/** A slip rarely changes the first letter: `TCP_HOST` is another thing than `MCP_HOST`. */
const sameStart = (name: string, known: string): boolean => name[0]?.toUpperCase() === known[0];

/** Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped && row > 1 && column > 1 ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
