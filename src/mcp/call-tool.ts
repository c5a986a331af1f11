/** One tool call: deadline, outcome and error mapping. What a tool throws never leaves here as a protocol error. */
import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server';
import { AppError, type ErrorCode, toAppError } from '../errors.js';
import { UNKNOWN } from '../telemetry/labels.js';
import type { CallTimes, Waits } from '../telemetry/waits.js';
import type { CallContext, ToolDefinition } from './catalogue.js';
import { errorResult } from './result.js';

/** What happened in a call, for logs and metrics. Holds no argument and no result. */
export interface ToolCallEvent {
  /** `_unknown` for a name that is not among the caller's tools: what was sent is shown nowhere. */
  readonly tool: string;
  readonly outcome: 'ok' | ErrorCode;
  readonly times: CallTimes;
  readonly context: CallContext;
  readonly error: AppError | undefined;
}

export type ToolCallObserver = (event: ToolCallEvent) => void;

export async function callTool(
  tool: ToolDefinition,
  args: unknown,
  context: CallContext,
  observe: ToolCallObserver,
  waits: Pick<Waits, 'open'>,
): Promise<CallToolResult | InputRequiredResult> {
  const account = waits.open();
  const report = (outcome: ToolCallEvent['outcome'], error?: AppError) =>
    observe({ tool: tool.name, outcome, times: account.close(), context, error });
  try {
    const result = await account.within(() => tool.handle(args, context));
    report('ok');
    return result;
  } catch (thrown) {
    const error = toAppError(thrown);
    report(error.code, error);
    return errorResult(error, context.requestId, context.principal.scope.mask);
  }
}

/** Tells of a call of a tool that there is not for this caller. It is answered as a protocol error. */
export function callUnknown(
  context: CallContext,
  observe: ToolCallObserver,
  waits: Pick<Waits, 'open'>,
): void {
  const error = new AppError('unknown_tool');
  observe({ tool: UNKNOWN, outcome: error.code, times: waits.open().close(), context, error });
}
