/** What a line of a move looks like, and what is said of one that did not come out as it was meant. */
import type { ChangeLine, Target } from '../port.js';

export const targetOf = (id: string): Target => ({ kind: 'order', id });

/** @param before `undefined` where it was not read: Order Desk's answer tells then */
export function movedLine(id: string, before: string | undefined, after: string): ChangeLine {
  const target = targetOf(id);
  if (before === after) return { target, outcome: 'applied', fields: [], message: SAID.again };
  const field = { path: ['folder_id'], ...(before === undefined ? {} : { before }), after };
  return { target, outcome: 'applied', fields: [field] };
}

/** @param quoted Order Desk's own words, where it said anything of this order */
export const failedLine = (id: string, message: string, quoted?: string | undefined): ChangeLine => ({
  target: targetOf(id),
  outcome: 'failed',
  fields: [],
  message,
  ...(quoted === undefined ? {} : { quoted }),
});

export const SAID = {
  again:
    'The order is in this folder already: Order Desk leaves it there, or moves it once more with all that its rules do.',
  already: 'The order was in this folder already; nothing was changed.',
  noSuchOrder: 'Order Desk has no such order in this store.',
  noSuchFolder: 'The folder that it would go to does not exist any more; nothing was sent for it.',
  notThere: 'The order is no longer in the folder that it was moved to; nothing was sent for it.',
  notChecked:
    'That folder holds too many orders to find this one among them, so that it was not checked; nothing was sent for it.',
  leftOut:
    "Order Desk's answer does not say what became of this order, and it was not read: look which folder it is in.",
  notMoved:
    "Order Desk's answer does not say what became of this order. It is not in this folder, and its history shows no move so far: look once more before it is moved again.",
  refused: 'Order Desk did not move this order.',
  refusedTogether:
    'Order Desk refused to move these orders together, and moved none of them. One of them may not exist: moving them in smaller groups tells which.',
  previousUnknown: 'Order Desk did not say which folder it was in before, so that this cannot be undone.',
  inFolder:
    'The order is in this folder. Which one it was in before was not read, so that this cannot be undone.',
  alreadyThere: 'The order is in this folder, and its history shows no move: it was there before.',
  touchedSince:
    'The order is not in this folder, but its history has entries since: it may have been moved there and on. Look at its history.',
  historyUnread:
    'The order is not in this folder, and its history, which would tell whether it was there meanwhile, cannot be read.',
  notLookedAt: 'The order was not looked at, one of too many: look which folder it is in.',
  gone: 'Order Desk has no such order in this store, or none any more.',
} as const;
