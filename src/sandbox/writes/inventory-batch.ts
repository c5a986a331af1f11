/** Replacing many inventory items in one request. */
import { type Failure, failure, member } from '../envelope.js';
import type { Handler, HandlerContext } from '../handler.js';
import type { InventoryRecord } from '../types.js';
import { complete, lenient } from './inventory.js';
import { isObject, type JsonObject, listBody, text } from './json.js';
import { done, invalid, type Outcome, partly, tooMany } from './refusals.js';

export const replaceInventoryItems: Handler = (context, _ids, _query, body) => {
  const { switches } = context;
  const lines = listBody(body);
  if (lines === undefined) return invalid(switches, 'A list of inventory items is required');
  if (tooMany(switches.batchInventoryMaximum, lines)) return invalid(switches, 'Too many inventory items');
  const outcomes = lines.map((line) => saveLine(context, isObject(line) ? line : {}));
  const saved = outcomes.filter(({ ok }) => ok).length;
  const results = outcomes.map((outcome, at) => result(outcome, lines[at]));
  return {
    ok: true,
    ...partly(switches, outcomes.length - saved),
    message: `${saved} Inventory Items Updated`,
    members: switches.batchInventoryResults === 'per_item' ? [member('results', results)] : [],
  };
};

function saveLine(context: HandlerContext, line: JsonObject): Outcome<InventoryRecord> {
  const { records, switches } = context;
  const item = find(context, line);
  if (item === undefined) {
    if (switches.batchInventoryUnknown === 'ignored') return notFound(context);
    const input = complete(context, line, undefined);
    return input.ok ? done(records.insertInventoryItem(input.value)) : input;
  }
  const read = switches.batchInventoryIncomplete === 'blanked' ? lenient : complete;
  const input = read(context, line, item.id);
  return input.ok ? done(records.replaceInventoryItem(item.id, input.value)) : input;
}

function find({ records, switches }: HandlerContext, line: JsonObject): InventoryRecord | undefined {
  const byId = records.inventoryItem(text(line.id));
  if (byId !== undefined || switches.batchInventoryMatch === 'id') return byId;
  const code = text(line.code);
  return code === '' ? undefined : records.inventory().find((item) => item.code === code);
}

function notFound({ switches }: HandlerContext): Failure {
  return failure(switches.unknownId, 'Inventory Item Not Found');
}

function result(outcome: Outcome<InventoryRecord>, line: unknown) {
  if (outcome.ok) return { status: 'success', id: outcome.value.id, message: 'Inventory Item Updated' };
  const id = isObject(line) ? (line.id ?? null) : null;
  return { status: 'error', id, message: outcome.message };
}
