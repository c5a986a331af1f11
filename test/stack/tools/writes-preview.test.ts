/**
 * Every tool that writes, first as a dry run, then for real, on the whole product: what the dry run says is what the call
 * does and what Order Desk then holds, at the price that the answer and the documents name.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCatalogue } from '../../../src/tools/index.js';
import { type Differences, watch } from '../../support/changes/stored-differences.js';
import {
  type Answer,
  type Line,
  openToolRoom,
  sumOf,
  type ToolRoom,
} from '../../support/changes/tool-room.js';
import { WRITE_ROWS } from '../../support/changes/write-rows.js';
import { gatewayOf, InMemoryStore } from '../../unit/tools/support/gateway.js';
import { toolDeps } from '../../unit/tools/support/ports.js';

let room: ToolRoom;

beforeAll(async () => {
  room = await openToolRoom();
  await room.call('get_store', {});
});
afterAll(() => room.close());

describe.each(WRITE_ROWS)('$name', ({ tool, calls, args: argsOf, besides, makes }) => {
  it('does what its dry run said, which did nothing', async () => {
    const args = await argsOf(room);
    const rows = await room.rows();
    const untouched = watch(room.shop);
    room.asked();

    const preview = await room.write(tool, { ...args, dry_run: true });
    expect(preview).toMatchObject({ outcome: 'preview', change_id: null });
    expect(Object.keys(room.asked()).filter((request) => !request.startsWith('GET '))).toEqual([]);
    expect(await room.rows()).toEqual(rows);
    expect([...untouched()]).toEqual([]);

    const different = watch(room.shop);
    const token = preview.confirmation_token;
    const done = await room.write(tool, {
      ...args,
      ...(token === undefined ? {} : { confirmation_token: token }),
    });
    const asked = room.asked();
    expect(done.outcome).toBe('applied');
    expect(preview.results.map(({ outcome }) => outcome)).toEqual(done.results.map(() => 'would_apply'));
    expect(done.results.map((line) => comparable(line, makes))).toEqual(
      preview.results.map((line) => comparable({ ...line, outcome: 'applied' }, makes)),
    );
    expect(await room.rows()).toEqual({ changes: rows.changes + 1, locks: rows.locks });

    const stored = different();
    const told = toldBy(done);
    expect(told.size).toBeGreaterThan(0);
    for (const [place, value] of told)
      expect([place, plain(valueAt(stored, place))]).toEqual([place, plain(value)]);
    const untold = [...stored.keys()].filter(
      (place) => !told.has(place) && !told.has(asFirst(place)) && !wasEmpty(stored, place),
    );
    expect(untold.filter((place) => !besides.some((own) => own.test(place)))).toEqual([]);

    expect({ asked: sumOf(asked), told: done.api_calls, foretold: preview.api_calls }).toEqual({
      asked: calls,
      told: calls,
      foretold: calls,
    });
  });
});

describe('the rows above', () => {
  it('hold every tool that writes to a store', () => {
    const { tools } = makeCatalogue(toolDeps(gatewayOf(new InMemoryStore())));
    const writing = tools.filter(
      ({ annotations, toolset }) => annotations?.readOnlyHint === false && toolset !== 'admin',
    );
    expect([...new Set(WRITE_ROWS.map(({ tool }) => tool))]).toEqual(writing.map(({ name }) => name));
  });

  it('cost what docs/TOOLS.md says', () => {
    const page = readFileSync(new URL('../../../docs/TOOLS.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `(\w+)`([^|]*) \| (\d+) \|$/gm)];
    expect(documented.map(([, tool, of, requests]) => [`${tool}${of}`, Number(requests)])).toEqual(
      WRITE_ROWS.map(({ name, calls }) => [name, calls]),
    );
  });
});

/** Nothing is told of a field of a deleted record that held nothing. */
const wasEmpty = (stored: Differences, place: string): boolean => {
  const { before, after } = stored.get(place) ?? {};
  return after === undefined && (before === '' || before === null);
};

/** The item of an order that was asked for without its id. */
const asFirst = (place: string): string => place.replace(/order_items\[\d+\]/, 'order_items[+0]');

/**
 * A line less what a dry run cannot know: the id of what is made (of an order without a number, that is its number too),
 * what Order Desk says of it afterwards, and the second in which a note is written.
 */
function comparable({ message: _message, ...line }: Line, makes: true | undefined): unknown {
  const text = JSON.stringify(line, (name, value) => (name === 'date_added' ? undefined : value));
  const parsed: Line = JSON.parse(text);
  if (makes === undefined) return parsed;
  const { order_id: _order, id: _id, source_id: _number, changes = [], ...rest } = parsed;
  return {
    ...rest,
    changes: changes.map((change) => ({ ...change, field: change.field.replace(/\[(new|\d+)\]/, '[new]') })),
  };
}

/** What an answer says that is stored now, by place; an `undefined` is there no more. */
function toldBy({ results }: Answer): ReadonlyMap<string, unknown> {
  const told = new Map<string, unknown>();
  for (const line of results) {
    for (const record of recordsOf(line)) {
      for (const { field, before, after } of line.changes ?? []) {
        const gone = new Map<string, unknown>();
        collect(gone, named(`${record} ${field}`), before);
        for (const place of gone.keys()) told.set(place, undefined);
        collect(told, named(`${record} ${field}`), after);
      }
    }
  }
  return told;
}

const recordsOf = ({ order_id, order_ids, id }: Line): readonly string[] =>
  id === undefined ? (order_ids ?? [order_id]).map((order) => `order ${order}`) : [`inventory ${id}`];

function collect(into: Map<string, unknown>, place: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) {
      const id = typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : `+${index}`;
      collect(into, `${place}[${id}]`, entry);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) collect(into, `${place}.${name}`, member);
  } else if (value !== undefined) {
    into.set(place, value);
  }
}

/** The history is that of a new order, and of a note nothing but its text is told. */
const named = (place: string): string =>
  place.replace('order_history[+].', 'order_history[+0].').replace('order_history[+]', 'order_history[+0]');

function valueAt(stored: Differences, place: string): unknown {
  const [, record, list, rest] = /^(order \d+) (order_items)\[\+0\]\.(\w+)$/.exec(place) ?? [];
  if (record === undefined) return stored.get(place)?.after;
  const made = [...stored].find(([at]) => at.startsWith(`${record} ${list}[`) && at.endsWith(`].${rest}`));
  return made?.[1].after;
}

/** Order Desk keeps amounts as text or as numbers; that the writer of an item names the change too is not shown. */
function plain(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : value.replace(/^(orderdesk-mcp) [0-9a-f-]{36}$/, '$1');
}
