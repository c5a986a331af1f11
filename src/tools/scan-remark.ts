/** What was not read or not understood, in sentences for an answer. Where to go on is for the tool to say. */
import { ERROR_TABLE } from '../errors.js';
import type { Scan, StoppedBy } from './scan.js';

/** `undefined` where nothing was left to read, or its reader asked for no more. */
export function stopRemark({
  stoppedBy,
  retryAfterS,
}: Pick<Scan, 'stoppedBy' | 'retryAfterS'>): string | undefined {
  const reason = stoppedBy === undefined ? undefined : reasonOf(stoppedBy);
  if (reason === undefined) return undefined;
  const wait = retryAfterS === undefined ? '' : ` Wait ${seconds(retryAfterS)} before going on.`;
  return `${reason}${wait}`;
}

/** Ids that a remark names. */
const IDS_NAMED = 10;

/**
 * Never longer for a part of `ids` that begins where all of them do.
 * @param ids of orders that could not be understood; `''` where not even the id could
 */
export function unreadableRemark(ids: readonly string[]): string | undefined {
  if (ids.length === 0) return undefined;
  const known = ids.filter((id) => id !== '');
  const named = known.slice(0, IDS_NAMED).join(', ');
  const which =
    known.length === 0
      ? 'not even an id can be read'
      : `${known.length > IDS_NAMED ? 'the first ids' : 'ids'} ${named}; get_order says why`;
  return `${ids.length === 1 ? '1 order' : `${ids.length} orders`} could not be understood and ${ids.length === 1 ? 'is' : 'are'} left out: ${which}.`;
}

/** Never the words of the error itself: they may quote Order Desk. */
function reasonOf(stoppedBy: StoppedBy): string | undefined {
  switch (stoppedBy) {
    case 'enough':
      return undefined;
    case 'time':
      return 'Reading stopped when the time of this call was nearly up.';
    case 'cap':
      return 'Reading stopped at the most orders that one call reads.';
    case 'shutdown':
      return 'Reading stopped because this server is being restarted.';
    default:
      return `Reading stopped early (${stoppedBy}): ${ERROR_TABLE[stoppedBy].publicText}`;
  }
}

const seconds = (count: number): string => `${count} second${count === 1 ? '' : 's'}`;
