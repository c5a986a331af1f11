import { z } from 'zod';
import type { ChangeAnswer } from '../changes/port.js';
import type { CallContext, ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { ADDS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { type StoreChoice, storeArguments } from './params.js';
import { answerFor, makeChange } from './write-call.js';
import { writeOutput } from './write-output.js';
import { orderIdParam, someText, writeArguments } from './write-params.js';

const NAME = 'add_order_note';
/** Order Desk cuts what is longer without a word. */
const MOST_CHARACTERS = 1_800;

const input = (choice: StoreChoice) =>
  storeArguments(choice, {
    order_id: orderIdParam,
    note: someText(MOST_CHARACTERS).describe('What to write down.'),
    as: z
      .enum(['history', 'staff_note'])
      .default('history')
      .describe('The log of the order, or its notes for staff.'),
    ...writeArguments,
  });

const output = writeOutput.extend({
  already_there: z.boolean().optional(),
});

type Arguments = z.output<ReturnType<typeof input>>;

export function addOrderNoteTool(deps: ToolDeps, choice: StoreChoice): ToolDefinition {
  return defineTool({
    name: NAME,
    title: 'Add order note',
    description:
      'Adds a note to one order. Use it to leave word for people; to change fields use update_order. The history holds 250 entries that ' +
      'stay for good. A staff note can be undone; one equal to a note of the last 24 hours is already_there and not ' +
      'added again. At most 1,800 characters.',
    toolset: 'default',
    input: input(choice),
    output,
    annotations: ADDS,
    async handler(args, ctx) {
      const store = await deps.directory.resolve(ctx.principal, args.store);
      const answer = await addNote(deps, store, args, ctx);
      const isThere = answer.lines.length > 0 && answer.lines.every(({ outcome }) => outcome === 'already');
      return answerFor(deps, answer, args, ctx, isThere ? { already_there: true } : {});
    },
  });
}

function addNote(
  deps: ToolDeps,
  store: StoreEntry,
  args: Arguments,
  ctx: CallContext,
): Promise<ChangeAnswer> {
  const { order_id: orderId, note } = args;
  if (args.as === 'history') {
    return makeChange(deps, { tool: NAME, kind: 'note_add', intent: { orderId, note }, store, args }, ctx);
  }
  const intent = { orderId, patch: { order_notes: [note] } };
  return makeChange(deps, { tool: NAME, kind: 'order_update', intent, store, args }, ctx);
}
