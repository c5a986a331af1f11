/** How folders were understood: the findings rest on it, so an answer names the folders that count as done. */
import { fitEntries } from '../orders/budget.js';
import type { FolderReading, FolderStates } from '../orders/folder-states.js';
import { clip } from '../orders/text.js';

/** Characters for all folders, and for the name of one. */
const ROOM = 3_000;
const NAME_ROOM = 80;

export interface FoldersRead {
  readonly named: Pick<FolderReading, 'name' | 'state' | 'by'>[];
  /** Such folders that are not named, for want of room. */
  readonly omitted: number;
}

export function foldersRead({ all }: FolderStates): FoldersRead {
  const rows = all
    .filter(({ state }) => state !== 'open')
    .map(({ name, state, by }) => ({ name: clip(name, NAME_ROOM), state, by }));
  const { kept, dropped } = fitEntries(rows, ROOM);
  return { named: kept, omitted: dropped };
}
