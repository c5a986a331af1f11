/** What became of a write, as its caller reads it. Pure. */
import type { ChangeAnswer } from '../changes/port.js';
import type { JsonObject } from '../mcp/catalogue.js';
import { roomBeside } from '../orders/budget.js';
import { clip } from '../orders/text.js';
import { countOutcomes, foretold, type Naming, type ShownLine, showLines } from './write-lines.js';
import type { OUTCOMES } from './write-output.js';
import type { ChangeSight } from './write-sight.js';

export interface WriteAnswer extends JsonObject {
  readonly store: string;
  readonly outcome: (typeof OUTCOMES)[number];
  readonly change_id: string | null;
  readonly results: ShownLine[];
}

export interface Shown {
  readonly sight: ChangeSight;
  /** Whether the call had an idempotency key: only then it can be repeated. */
  readonly hasKey: boolean;
  /** Members that one tool alone answers with. */
  readonly extra?: JsonObject;
}

const MOST_REMARKS = 12;
const REMARK_ROOM = 700;

export function showAnswer(answer: ChangeAnswer, { sight, hasKey, extra = {} }: Shown): WriteAnswer {
  const { outcome, changeId, lines, version, check, confirmationToken } = answer;
  const naming: Naming | undefined = outcome === 'preview' ? foretold : undefined;
  const counts = lines.length > 1 ? { counts: countOutcomes(lines, naming) } : {};
  const remarks = [...statusRemarks(answer, hasKey), ...answer.remarks];
  const envelope = {
    store: answer.store.name,
    outcome,
    change_id: changeId,
    ...(answer.replayed ? { replayed: true } : {}),
    ...(answer.recorded ? {} : { recorded: false }),
    ...(changeId === null ? {} : { undoable: answer.undoable }),
    ...counts,
    ...(version === undefined ? {} : { version: sight.version(version) }),
    ...(outcome === 'unknown' || check !== undefined ? { check: clip(check ?? LOOK, REMARK_ROOM) } : {}),
    ...(confirmationToken === undefined ? {} : { confirmation_token: confirmationToken }),
    api_calls: answer.apiCalls,
    ...extra,
    ...(remarks.length === 0
      ? {}
      : { remarks: remarks.slice(0, MOST_REMARKS).map((remark) => clip(remark, REMARK_ROOM)) }),
  };
  const room = roomBeside({ ...envelope, ...REST_OF_ANSWER });
  const { results, omitted } = showLines(lines, sight, room, naming);
  return { ...envelope, results, ...(omitted === undefined ? {} : { omitted }) };
}

/** The rest of an answer at its largest, for measuring. */
const REST_OF_ANSWER = {
  results: [],
  omitted: { would_apply: 500, already: 500, failed: 500, unknown: 500, not_sent: 500 },
};

const LOOK = 'Read what was to be changed and compare.';

/** What follows from the outcome for whoever called. */
function statusRemarks(answer: ChangeAnswer, hasKey: boolean): string[] {
  const has = (outcome: string) => answer.lines.some((line) => line.outcome === outcome);
  return [
    ...(answer.confirmationToken === undefined ? [] : [CONFIRM]),
    ...(answer.outcome === 'unknown' || has('unknown') ? [hasKey ? UNKNOWN_WITH_KEY : UNKNOWN] : []),
    ...(has('not_sent') ? [hasKey ? GO_ON_WITH_KEY : GO_ON] : []),
    ...(answer.recorded ? [] : [NOT_RECORDED]),
  ];
}

const CONFIRM =
  'This key has to confirm it: repeat the call with confirmation_token, the same arguments and without dry_run, within 10 minutes.';
const UNKNOWN_WITH_KEY =
  'The answer of Order Desk was lost. Look as check says, or call again with the same idempotency_key: that looks too, and never sends it twice.';
const UNKNOWN =
  'The answer of Order Desk was lost. Look as check says before anything else; a repeated call could do it twice. list_changes shows it once it is settled.';
const GO_ON_WITH_KEY =
  'What is not_sent was left for want of time or API budget: the same call with the same idempotency_key goes on with it.';
const GO_ON = 'What is not_sent was left for want of time or API budget: call again with these lines alone.';
const NOT_RECORDED =
  'The outcome is true, but the ledger could not be reached after the write: it is recorded there later.';
