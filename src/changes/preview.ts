/** The dry run: what a call would do, read and compared as the call itself does it. Nothing is sent, nothing recorded. */
import { newId } from '../tenancy/ids.js';
import { answerOf } from './answer.js';
import { isDemanded, isLargeBatch, sealConfirmation } from './confirmation.js';
import { withLines } from './outcomes.js';
import type { ChangeAnswer, ChangeContext, ChangeKind, ChangeLine } from './port.js';
import type { EngineDeps, Job } from './run.js';
import { surroundings } from './surroundings.js';

/** Lines stand as they will once applied. @throws AppError the refusals that the call itself would meet */
export async function preview<K extends ChangeKind>(
  deps: EngineDeps,
  job: Job<K>,
  ctx: ChangeContext,
): Promise<ChangeAnswer> {
  const { request, fingerprint } = job;
  const type = deps.types[request.kind];
  const changeId = newId(deps.now, deps.random);
  const around = surroundings(deps, request.store, ctx, changeId, { previewed: true, dryRun: true });
  const plan = await type.plan(request.intent, around, new Map());
  const besides = await type.besides(request.intent, plan, around);
  const lines = plan.steps.reduce<readonly ChangeLine[]>(
    (all, step) => withLines(all, step.lines, (line) => line),
    plan.lines,
  );
  const { principal } = ctx;
  const demanded = job.confirm || isDemanded(type, principal) || isLargeBatch(principal, plan.lines.length);
  const token =
    demanded && plan.steps.length > 0
      ? await sealConfirmation(deps, { principal, tool: request.tool, fingerprint }, plan)
      : undefined;
  return {
    ...answerOf({
      kind: request.kind,
      store: request.store,
      changeId: null,
      lines,
      version: plan.version,
      undoable: type.undoable,
      remarks: [...job.remarks, ...plan.remarks, ...besides],
      apiCalls: type.calls(request.intent, token !== undefined),
    }),
    outcome: 'preview',
    ...(token === undefined ? {} : { confirmationToken: token }),
  };
}
