/** Making, replacing and deleting inventory items, one by one or in a batch. */
import { type Answer, failure, member } from '../envelope.js';
import type { Handler, HandlerContext } from '../handler.js';
import type { InventoryInput } from '../records.js';
import type { SandboxSwitches } from '../switches.js';
import type { InventoryRecord } from '../types.js';
import { fields, type JsonObject, map, numberOr, objectBody, text, textOrNull } from './json.js';
import { done, invalid, type Outcome } from './refusals.js';

/** What is kept of the writer where it is cut. */
const WRITER_LENGTH = 32;

const readFields = fields<InventoryInput>({
  name: text,
  code: text,
  price: numberOr(0),
  cost: numberOr(0),
  weight: numberOr(0),
  stock: numberOr(0),
  update_source: text,
  location: text,
  manufacturer_sku: textOrNull,
  metadata: map,
  variation_list: map,
});

function readInput(
  { id: _id, date_added: _added, date_updated: _updated, ...source }: JsonObject,
  switches: SandboxSwitches,
): InventoryInput {
  const input = readFields(source);
  return { ...input, update_source: writerOf(input, switches) || 'API' };
}

function writerOf({ update_source }: InventoryInput, { inventoryWriter }: SandboxSwitches): string {
  if (inventoryWriter === 'ignored') return '';
  return inventoryWriter === 'cut' ? update_source.slice(0, WRITER_LENGTH) : update_source;
}

export const createInventoryItem: Handler = (context, _ids, _query, body) => {
  const input = complete(context, objectBody(body), undefined);
  if (!input.ok) return input;
  const item = context.records.insertInventoryItem(input.value);
  return {
    ok: true,
    status: 201,
    message: 'Inventory Item Added',
    members: [member('inventory_item', item)],
  };
};

export const replaceInventoryItem: Handler = (context, ids, _query, body) =>
  withInventoryItem(context, ids, ({ id }) => {
    const input = complete(context, objectBody(body), id);
    if (!input.ok) return input;
    context.records.replaceInventoryItem(id, input.value);
    return { ok: true, message: 'Inventory Item Updated', members: [] };
  });

export const deleteInventoryItem: Handler = (context, ids) =>
  withInventoryItem(context, ids, ({ id }) => {
    context.records.removeInventoryItem(id);
    return { ok: true, message: `Inventory Item ${id} Deleted`, members: [] };
  });

/** An item with name and code. @param id the item it is to replace, if any */
export function complete(
  context: HandlerContext,
  source: JsonObject | undefined,
  id: number | undefined,
): Outcome<InventoryInput> {
  const input = readInput(source ?? {}, context.switches);
  const [problem, ...others] = [
    ...(input.name === '' ? ['A name is required'] : []),
    ...(input.code === '' ? ['A code is required'] : []),
  ];
  return problem === undefined ? unique(context, input, id) : invalid(context.switches, problem, ...others);
}

/** The same with whatever was sent. */
export function lenient(context: HandlerContext, source: JsonObject, id: number): Outcome<InventoryInput> {
  return unique(context, readInput(source, context.switches), id);
}

function unique(
  { records, switches }: HandlerContext,
  input: InventoryInput,
  id: number | undefined,
): Outcome<InventoryInput> {
  const taken =
    switches.duplicateCode === 'refused' &&
    input.code !== '' &&
    records.inventory().some((item) => item.code === input.code && item.id !== id);
  return taken ? invalid(switches, 'The code is taken already') : done(input);
}

function withInventoryItem(
  { records, switches }: HandlerContext,
  ids: readonly string[],
  answer: (item: InventoryRecord) => Answer,
): Answer {
  const item = records.inventoryItem(ids[0] ?? '');
  return item === undefined ? failure(switches.unknownId, 'Inventory Item Not Found') : answer(item);
}
