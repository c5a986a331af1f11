/**
 * Changing inventory items, a hundred in three requests: one reads them, one replaces them, one reads what became of them.
 * Order Desk replaces the stock by what it is sent and takes sales off it by itself, so what is sold between reading and
 * writing is lost from the count; how long that took is said with each answer.
 */
import { AppError } from '../../errors.js';
import { markedWriter } from '../../orderdesk/parse/marks.js';
import type { ChangeType, Plan, RecordedChange, Step } from '../change-type.js';
import type { ChangeLine, Target } from '../port.js';
import { codeLists, INVENTORY_LOCK, seenItem } from './inventory-items.js';
import { type MergedLine, mergeLine, refuseOddWishes } from './inventory-merge.js';
import { readsOf, refuseOddNames, resolveLines, type UpdateLine } from './inventory-resolve.js';
import { type InventoryProbe, lastWriting, linesNow, lookAtItems, probeOf } from './inventory-verdict.js';

/** Order Desk's own maximum is not known. */
const CHUNK = 100;

export const inventoryUpdate: ChangeType<'inventory_update'> = {
  kind: 'inventory_update',
  undoable: true,

  locks: () => [INVENTORY_LOCK],

  calls({ lines }) {
    const batches = Math.ceil(lines.length / CHUNK);
    const checks = codeLists(lines.flatMap(({ code }) => code ?? [])).length;
    return readsOf(lines) + batches + Math.max(batches, checks);
  },

  effects: ({ steps }) => steps.reduce((effects, { lines }) => effects + lines.length, 0),

  async plan({ lines: wanted }, around, done): Promise<Plan> {
    refuseOddNames(wanted);
    refuseOddWishes(wanted);
    const open = wanted.map((line, index) => ({ index, line })).filter(({ index }) => !done.has(index));
    const readAt = around.now().getTime();
    const resolved = await resolveLines(open, around);
    const seen: string[] = [];
    const written: Record<string, string> = {};
    const merged = new Map<number, MergedLine>();
    for (const { index, line } of open) {
      const found = resolved.get(index);
      if (found === undefined || !('item' in found)) {
        merged.set(index, { line: unresolved(line, found?.problem) });
        continue;
      }
      seen.push(seenItem(found.item));
      written[index] = lastWriting(found.item);
      merged.set(index, mergeLine(line, found.item, index, markedWriter(around.changeId)));
    }
    return {
      lines: wanted.flatMap((_line, index) => done.get(index) ?? merged.get(index)?.line ?? []),
      steps: stepsOf(merged, { written, readAt }),
      seen,
      remarks: [
        'Order Desk replaces the whole item, its stock too, and takes sales off the stock by itself: a sale between reading and writing is lost from the count.',
      ],
    };
  },

  async read(step, _body, around) {
    const took = around.now().getTime() - probeOf(step).readAt;
    const lines = await linesNow(step, around);
    return {
      lines,
      remarks: [`From reading the items to Order Desk's word that they are written it took ${took} ms.`],
    };
  },

  look: lookAtItems,

  besides: async () => [],

  inverse,
};

function unresolved({ code, id }: UpdateLine, message: string | undefined): ChangeLine {
  const target: Target = { kind: 'inventory', id: id ?? null, ...(code === undefined ? {} : { name: code }) };
  return { target, outcome: 'failed', fields: [], message };
}

function stepsOf(merged: ReadonlyMap<number, MergedLine>, probe: InventoryProbe): readonly Step[] {
  const sent = [...merged].flatMap(([index, { line, record }]) =>
    record === undefined ? [] : [{ index, line, record }],
  );
  const steps: Step[] = [];
  for (let at = 0; at < sent.length; at += CHUNK) {
    const chunk = sent.slice(at, at + CHUNK);
    const lines = chunk.map(({ index, line }) => ({ index, line }));
    const written = lines.map(({ index }) => [index, probe.written[index]]);
    steps.push({
      request: {
        method: 'PUT',
        route: '/batch-inventory-items',
        codes: lines.flatMap(({ line }) => line.target.name ?? []),
        body: JSON.stringify(chunk.map(({ record }) => record)),
      },
      lines,
      probe: { ...probe, written: Object.fromEntries(written) },
    });
  }
  return steps;
}

function inverse({ lines }: RecordedChange): ReturnType<ChangeType<'inventory_update'>['inverse']> {
  const written = lines.filter(({ outcome, fields }) => outcome === 'applied' && fields.length > 0);
  const back = written.flatMap(({ target: { id, name }, fields }): UpdateLine[] =>
    id === null ? [] : [{ id, ...(name === undefined ? {} : { code: codeAfter(fields) ?? name }), fields }],
  );
  if (back.length === 0) throw new AppError('cannot_undo', 'No item was changed.');
  return {
    kind: 'inventory_update',
    intent: { lines: back },
    remarks: [
      'Items are restored only where each field is still as this change left it: not where some were sold since.',
    ],
  };
}

function codeAfter(fields: ChangeLine['fields']): string | undefined {
  const after = fields.find(({ path }) => path[0] === 'code')?.after;
  return typeof after === 'string' ? after : undefined;
}
