/** What to know about the findings: how folders were understood, what was not read, how to see the rest. */
import type { FoldersRead } from './exception-folders.js';
import type { Scan } from './scan.js';
import { stopRemark, unreadableRemark } from './scan-remark.js';

export const folderRemark = ({ omitted }: FoldersRead): string =>
  `Orders count as done in the folders that are named in folders${omitted === 0 ? '' : ` and in ${omitted} more`}, and as ` +
  'open in all others. by name: its name was taken at its word. The owner of the store says what a folder means with ' +
  '"orderdesk-mcp store folder <store> <folder> --means open|closed|canceled".';

/** What was not read, and what could not be understood. */
export function scanRemarks(scan: Scan): string[] {
  const skipped = unreadableRemark(scan.unreadable);
  return [
    ...(scan.stoppedBy === undefined ? [] : [incompleteRemark(scan)]),
    ...(skipped === undefined ? [] : [skipped]),
  ];
}

/** Why it stopped, and where to go on: a scan reads from the oldest order on. */
function incompleteRemark(scan: Scan): string {
  const { from, to } = scan.coverage;
  const reason = stopRemark(scan);
  return (
    `${reason === undefined ? '' : `${reason} `}Not the whole range: only orders added from ${from} until before ${to} were ` +
    'looked at, findings and counts are of these alone. After its last page call again for the rest, with added_from ' +
    `${to} and without cursor; numbers used twice across the two parts are not seen.`
  );
}

/** What waits to be sent, and was not asked for: without this an answer would read as if nothing did. */
export const paymentRemark = (awaiting: number): string[] =>
  awaiting === 0 ? [] : [`${awaiting} more wait for payment (Pending): see payment_not_captured.`];

export const moreRemark = (hidden: number): string =>
  `${hidden} more orders with findings come after these: go on with next_cursor and the same arguments, or ask for fewer checks.`;
