/**
 * Whether a folder's name says that its orders are done. A guess, as `meaningOf` is: Order Desk has no order status, and
 * what somebody calls "Archive" may mean anything. Answers that rest on it name the folders.
 */
import { meaningOf } from '../folder-meaning.js';
import type { FolderState } from './check.js';

const DONE =
  /(?:^|[^\p{L}])(?:closed|shipped|sent|dispatched|delivered|fulfilled|completed?|done|finished|archived?)(?:$|[^\p{L}])/iu;

/** "Not shipped", "Partially fulfilled", "To be sent" are not done. */
const NOT_DONE =
  /(?:^|[^\p{L}])(?:not|never|in|part|partly|partial|partially|to be|waiting|awaiting|pending)(?:$|[^\p{L}])/iu;

/** @param name `null` for a folder the store no longer has: nothing is known of it, so its orders count as open */
export function folderState(name: string | null): FolderState {
  if (name === null) return 'open';
  if (meaningOf(name) === 'canceled') return 'canceled';
  return DONE.test(name) && !NOT_DONE.test(name) ? 'closed' : 'open';
}
