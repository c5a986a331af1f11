/** One tool call: deadline, outcome and error mapping. What a tool throws never leaves here as a protocol error. */
import type { CallToolResult, InputRequiredResult } from '@modelcontextprotocol/server';
import type { AppError, ErrorCode } from '../errors.js';
import { toAppError } from '../errors.js';
import type { CallContext, ToolDefinition } from './catalogue.js';
import { errorResult } from './result.js';

/** What happened in a call, for logs and metrics. Holds no argument and no result. */
export interface ToolCallEvent {
  readonly tool: string;
  readonly outcome: 'ok' | ErrorCode;
  readonly durationMs: number;
  readonly context: CallContext;
  readonly error: AppError | undefined;
}

export type ToolCallObserver = (event: ToolCallEvent) => void;

export async function callTool(
  tool: ToolDefinition,
  args: unknown,
  context: CallContext,
  observe: ToolCallObserver,
): Promise<CallToolResult | InputRequiredResult> {
  const startedAt = performance.now();
  const report = (outcome: ToolCallEvent['outcome'], error?: AppError) =>
    observe({ tool: tool.name, outcome, durationMs: performance.now() - startedAt, context, error });
  try {
    const result = await tool.handle(args, context);
    report('ok');
    return result;
  } catch (thrown) {
    const error = toAppError(thrown);
    report(error.code, error);
    return errorResult(error, context.requestId, context.principal.scope.mask);
  }
}
