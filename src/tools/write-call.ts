/** The way from the arguments of a tool to the engine, and from its answer to the caller. */
import type { Intents } from '../changes/intents.js';
import type { ChangeAnswer, ChangeKind, WriteOptions } from '../changes/port.js';
import type { CallContext, JsonObject } from '../mcp/catalogue.js';
import { wholeVersion } from '../orders/version.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { ToolDeps } from './deps.js';
import { showAnswer, type WriteAnswer } from './write-answer.js';
import { type ChangeSight, changeSightOf } from './write-sight.js';

/** The arguments that tools which write share, as parsed. */
export interface WriteArguments {
  readonly store?: string | undefined;
  readonly dry_run: boolean;
  readonly idempotency_key?: string | undefined;
  readonly confirmation_token?: string | undefined;
}

export const writeOptions = (args: WriteArguments): WriteOptions => ({
  dryRun: args.dry_run,
  idempotencyKey: args.idempotency_key,
  confirmationToken: args.confirmation_token,
});

/** What an idempotency key and a confirmation stand for. The store counts as it was found, however it was named. */
function ownArguments(args: WriteArguments): Readonly<Record<string, unknown>> {
  const { store: _store, dry_run: _dryRun, idempotency_key: _key, confirmation_token: _token, ...own } = args;
  return own;
}

/**
 * The version that a caller expects, as far as it counts for him: a conflict names the parts of which the digits differ, and
 * made-up digits would let a guess at what is masked be tried out.
 */
export const expectedVersion = (version: string | undefined, { principal }: CallContext) =>
  version !== undefined && principal.scope.mask ? wholeVersion(version) : version;

export interface Wanted<K extends ChangeKind> {
  readonly tool: string;
  readonly kind: K;
  readonly intent: Intents[K];
  readonly store: StoreEntry;
  readonly args: WriteArguments;
}

/** @throws AppError as `ChangeEngine.run` does */
export const makeChange = <K extends ChangeKind>(
  { changes }: Pick<ToolDeps, 'changes'>,
  { tool, kind, intent, store, args }: Wanted<K>,
  ctx: CallContext,
): Promise<ChangeAnswer> =>
  changes.run({ tool, kind, intent, store, args: ownArguments(args), ...writeOptions(args) }, ctx);

/**
 * @param extra members that one tool alone answers with
 * @param folder names of folders by id, where they are at hand
 */
export async function answerFor(
  { masker }: Pick<ToolDeps, 'masker'>,
  answer: ChangeAnswer,
  args: WriteArguments,
  { principal }: CallContext,
  extra: JsonObject = {},
  folder?: ChangeSight['folder'],
): Promise<WriteAnswer> {
  const sight = { ...(await changeSightOf(masker, principal)), folder };
  return showAnswer(answer, { sight, hasKey: args.idempotency_key !== undefined, extra });
}
