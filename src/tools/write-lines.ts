/** Lines of a change as an answer shows them: those that say the same of several orders become one, and all fit into a room. */
import type { ChangeLine, FieldChange, FieldPath, LineOutcome } from '../changes/port.js';
import { fitEntries, jsonSize } from '../orders/budget.js';
import { canonicalJson } from '../orders/canonical.js';
import { clip, clipValue } from '../orders/text.js';
import type { ChangeSight } from './write-sight.js';

/** Characters of JSON that one value, and the path of one field, may have. */
const VALUE_ROOM = 2_000;
const PATH_ROOM = 200;
/** What a line may have in any case, however many there are. */
const LINE_ROOM = 2_000;
/** What its changes may have beside everything else. */
const CHANGES_ROOM = 600;

export type ShownLine = Record<string, unknown>;

export interface ShownLines {
  readonly results: ShownLine[];
  /** Lines that were left out for size, by outcome. */
  readonly omitted: Readonly<Record<string, number>> | undefined;
}

/** Outcomes that somebody has to do something about: their lines are left out last. */
const TO_BE_SEEN: ReadonlySet<LineOutcome> = new Set(['failed', 'unknown', 'not_sent']);

/** How an answer names what became of a line. */
export type Naming = (outcome: LineOutcome) => string;

const asItIs: Naming = (outcome) => outcome;

/** Of a dry run, which applies nothing. */
export const foretold: Naming = (outcome) => (outcome === 'applied' ? 'would_apply' : outcome);

/** @param room characters of JSON for all of them */
export function showLines(
  lines: readonly ChangeLine[],
  sight: ChangeSight,
  room: number,
  naming: Naming = asItIs,
): ShownLines {
  const groups = alike(lines);
  const lineRoom = Math.max(LINE_ROOM, Math.floor(room / Math.max(1, groups.length)));
  const shown = groups.map((group) => ({ group, line: showGroup(group, sight, lineRoom, naming) }));
  const urgent = shown.filter(({ group }) => TO_BE_SEEN.has(group.line.outcome));
  const rest = shown.filter(({ group }) => !TO_BE_SEEN.has(group.line.outcome));
  const kept = new Set<ShownLine>();
  let left = room;
  for (const { line } of [...urgent, ...rest]) {
    const size = jsonSize(line) + 1;
    if (size > left) continue;
    left -= size;
    kept.add(line);
  }
  const dropped = shown.filter(({ line }) => !kept.has(line)).flatMap(({ group }) => group.members);
  return {
    results: shown.filter(({ line }) => kept.has(line)).map(({ line }) => line),
    omitted: dropped.length === 0 ? undefined : countOutcomes(dropped, naming),
  };
}

/** How many lines have each outcome. */
export function countOutcomes(lines: readonly ChangeLine[], naming: Naming = asItIs): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of lines) counts[naming(outcome)] = (counts[naming(outcome)] ?? 0) + 1;
  return counts;
}

interface Group {
  readonly line: ChangeLine;
  readonly members: readonly ChangeLine[];
}

/** In the order of the first line of each. Of inventory items, each has a line of its own: it says the stock. */
function alike(lines: readonly ChangeLine[]): Group[] {
  const groups = new Map<string, { line: ChangeLine; members: ChangeLine[] }>();
  for (const [index, line] of lines.entries()) {
    const { target, ...rest } = line;
    const isGrouped = target.kind === 'order' && target.id !== null;
    const key = isGrouped ? canonicalJson([target.name, rest]) : String(index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { line, members: [line] });
    else group.members.push(line);
  }
  return [...groups.values()];
}

function showGroup({ line, members }: Group, sight: ChangeSight, room: number, naming: Naming): ShownLine {
  const shown = {
    ...showTarget(line, members, sight),
    outcome: naming(line.outcome),
    ...(line.message === undefined ? {} : { message: clip(line.message, VALUE_ROOM) }),
    ...(line.quoted === undefined || !sight.quotes
      ? {}
      : { order_desk_said: clip(line.quoted, CHANGES_ROOM) }),
  };
  const fields = sight.fields(line.fields, line.target).map((field) => showField(field, sight));
  const { kept, dropped } = fitEntries(fields, Math.max(CHANGES_ROOM, room - jsonSize(shown) - 60));
  return {
    ...shown,
    ...(kept.length === 0 ? {} : { changes: kept }),
    ...(dropped === 0 ? {} : { changes_omitted: dropped }),
  };
}

function showTarget({ target }: ChangeLine, members: readonly ChangeLine[], sight: ChangeSight): ShownLine {
  const { kind, id } = target;
  const name = target.name === undefined ? undefined : clip(sight.name(target.name), PATH_ROOM);
  if (kind === 'inventory')
    return { ...(id === null ? {} : { id }), ...(name === undefined ? {} : { code: name }) };
  const named = name === undefined ? {} : { source_id: name };
  if (members.length > 1) return { order_ids: members.map((member) => member.target.id), ...named };
  return { ...(id === null ? {} : { order_id: id }), ...named };
}

/** A member that is absent was, or is, not there. */
function showField({ path, before, after }: FieldChange, { folder }: ChangeSight): ShownLine {
  const isFolder = folder !== undefined && path.length === 1 && path[0] === 'folder_id';
  return {
    field: clip(pathText(path), PATH_ROOM),
    ...(before === undefined ? {} : { before: clipValue(before, VALUE_ROOM) }),
    ...(after === undefined ? {} : { after: clipValue(after, VALUE_ROOM) }),
    ...(isFolder ? { ...named('before_name', folder, before), ...named('after_name', folder, after) } : {}),
  };
}

/** Nothing for a folder that is not there any more. */
function named(member: string, folder: NonNullable<ChangeSight['folder']>, id: unknown): ShownLine {
  const name = typeof id === 'string' || typeof id === 'number' ? folder(String(id)) : null;
  return name === null ? {} : { [member]: clip(name, PATH_ROOM) };
}

/** `order_items[47986].quantity`: names joined by dots, entries of lists in brackets, `[+0]` for one that was added. */
export const pathText = (path: FieldPath): string =>
  path.reduce((text, step) => {
    if (step.startsWith('#')) return `${text}[${step.slice(1)}]`;
    if (step.startsWith('+')) return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
