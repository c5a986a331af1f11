/**
 * Making an inventory item. Order Desk's documents call the code unique and leave open what becomes of a second one, so an
 * item that is there already is reported instead; a lost answer is settled by the code and by the change that wrote the item.
 */
import { AppError } from '../../errors.js';
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { markedWriter, WRITER } from '../../orderdesk/parse/marks.js';
import type { InventoryItem } from '../../orderdesk/port.js';
import { newInventoryItem } from '../../orders/merge/create.js';
import type { ChangeType, OpenStep, Plan, Step, Surroundings, Verdict } from '../change-type.js';
import type { Intents } from '../intents.js';
import type { ChangeLine } from '../port.js';
import { canBeAsked, INVENTORY_LOCK, itemsByCodes, withCode } from './inventory-items.js';
import { accepted } from './order-record-refused.js';

export const inventoryCreate: ChangeType<'inventory_create'> = {
  kind: 'inventory_create',
  undoable: false,
  locks: () => [INVENTORY_LOCK],
  calls: () => 2,
  effects: ({ steps }) => steps.length,

  async plan(intent, around): Promise<Plan> {
    const item: JsonRecord = { ...recordOf(intent), update_source: WRITER };
    const sent = { ...item, update_source: markedWriter(around.changeId) };
    const code = typeof item.code === 'string' ? item.code : '';
    if (!canBeAsked(code)) {
      throw new AppError(
        'invalid_argument',
        'A code must not be blank, nor hold a comma. Nothing was written.',
        {
          field: 'item.code',
        },
      );
    }
    const [there] = withCode(await itemsByCodes([code], around), code);
    if (there !== undefined) throw taken(there);
    const line: ChangeLine = {
      target: { kind: 'inventory', id: null, name: code },
      outcome: 'applied',
      fields: Object.entries(item).map(([name, after]) => ({ path: [name], after })),
    };
    return {
      lines: [line],
      steps: [
        {
          request: { method: 'POST', route: '/inventory-items', code, body: JSON.stringify(sent) },
          lines: [{ index: 0, line }],
          probe: null,
        },
      ],
      seen: [],
      remarks: [],
    };
  },

  async read(step, { inventory_item: item }, around) {
    const told = isRecord(item) ? idText(item.id) : undefined;
    const id = told ?? (await made(step, around).catch(unlessOurs))?.view.id;
    return { lines: step.lines.map(({ line }) => withId(line, id)) };
  },

  async look(step, around): Promise<readonly Verdict[]> {
    const item = await made(step, around);
    return step.lines.map(({ index, line }): Verdict => {
      if (item === undefined) return { index, found: 'not_applied' };
      if (isBy(around, item)) {
        return { index, found: 'applied', line: withId(line, item.view.id) };
      }
      const message =
        'An item with this code is there now, and it does not say that this change made it: somebody else may have.';
      return {
        index,
        found: 'unclear',
        line: { ...withId(line, item.view.id), outcome: 'unknown', message },
      };
    });
  },

  besides: async () => [],

  inverse() {
    throw new AppError('cannot_undo', 'Making an inventory item is not undone; the item can be deleted.');
  },
};

/** What is made again keeps all that it had; anything else is checked field by field. */
function recordOf({ item, asItWas = false }: Intents['inventory_create']): JsonRecord {
  return asItWas ? item : accepted(newInventoryItem(item)).record;
}

function taken({ view }: InventoryItem): AppError {
  return new AppError(
    'conflict',
    `An inventory item with this code is there already: ${view.id}. Nothing was written.`,
    {
      field: 'item.code',
      hint: 'Change that item, or choose another code.',
    },
  );
}

const isBy = ({ changeId }: Surroundings, { raw }: InventoryItem): boolean =>
  raw.update_source === markedWriter(changeId);

async function made(step: Step | OpenStep, around: Surroundings): Promise<InventoryItem | undefined> {
  const code = step.lines[0]?.line.target.name ?? '';
  const found = withCode(await itemsByCodes([code], around), code);
  return found.find((item) => isBy(around, item)) ?? found[0];
}

/** That it was made is known without its id. */
function unlessOurs(error: unknown): undefined {
  if (error instanceof AppError && error.code !== 'internal') return undefined;
  throw error;
}

const withId = (line: ChangeLine, id: string | undefined): ChangeLine =>
  id === undefined ? line : { ...line, target: { ...line.target, id } };

const idText = (id: unknown): string | undefined =>
  typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
