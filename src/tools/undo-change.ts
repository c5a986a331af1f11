import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import { SETS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { answerFor, writeOptions } from './write-call.js';
import { writeOutput } from './write-output.js';
import { confirmedArguments } from './write-params.js';

export const changeId = z
  .string()
  .refine(
    (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
    'must be the change_id of a write or the id of a row of list_changes',
  );

export function undoChangeTool(deps: ToolDeps): ToolDefinition {
  return defineTool({
    name: 'undo_change',
    title: 'Undo change',
    description:
      'Takes back an earlier change: restores the fields it touched, only those. Use it when a write was wrong; list_changes says which can be undone. ' +
      'Refused with the reason when these fields were changed since, and for new orders and history notes. Undoing a move or a delete ' +
      'runs rules again and must be confirmed: dry_run first. Mail that went out stays out. It takes no store: the change names it.',
    toolset: 'default',
    input: z.strictObject({
      change_id: changeId.describe('The change to take back.'),
      ...confirmedArguments,
    }),
    output: writeOutput,
    annotations: SETS,
    async handler(args, ctx) {
      const answer = await deps.changes.undo({ changeId: args.change_id, ...writeOptions(args) }, ctx);
      return answerFor(deps, answer, args, ctx);
    },
  });
}
