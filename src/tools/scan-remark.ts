/** Why a scan stopped, in a sentence for its answer. Where to go on is for the tool to say. */
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
