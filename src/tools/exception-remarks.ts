/** What to know about the findings: how folders were understood, what was not read, how to see the rest. */
import type { StoreView } from '../orderdesk/views.js';
import type { FolderState } from '../orders/exceptions/check.js';
import { folderState } from '../orders/exceptions/folder-state.js';
import { clip } from '../orders/text.js';
import type { Coverage } from './scan.js';

const FOLDERS_NAMED = 10;

export function folderRemark({ folders }: StoreView): string {
  const named = (state: FolderState): string => {
    const names = folders.filter(({ name }) => folderState(name) === state).map(({ name }) => name);
    const more = names.length - FOLDERS_NAMED;
    const shown = names.slice(0, FOLDERS_NAMED).map((name) => JSON.stringify(clip(name, 60)));
    if (shown.length === 0) return 'none';
    return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  };
  return `Guessed by name: canceled folders: ${named('canceled')}; closed folders: ${named('closed')}. All others count as open.`;
}

/** Where the scan goes on: it reads from the oldest order on. */
export const incompleteRemark = ({ from, to }: Coverage): string =>
  `Not the whole range: only orders added from ${from} until before ${to} were looked at. For the rest call again with added_from ${to}; numbers used twice across the two parts are not seen.`;

/** @param lastAdded of the last finding that is shown */
export const moreRemark = (hidden: number, lastAdded: string | undefined): string =>
  `${hidden} more findings are not shown. Raise limit, ask for fewer checks, or call again with added_from ${lastAdded ?? 'later'}, when the order of the last one shown was added.`;
