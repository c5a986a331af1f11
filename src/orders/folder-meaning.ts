/**
 * What a folder's name says about the orders in it. Order Desk knows no order status, and nobody has told this server
 * what the folders of a store mean, so this is a guess: whoever uses it names the folders in the answer.
 */

export type FolderMeaning = 'canceled';

/** As a word of its own: "Canceled – Refunded" is meant, "Avoid delays" and "Cancel requests" are not. */
const CANCELED = /(?:^|[^\p{L}])(?:cancell?ed|void(?:ed)?)(?:$|[^\p{L}])/iu;

/** `undefined` for a name that says nothing known. */
export const meaningOf = (folderName: string): FolderMeaning | undefined =>
  CANCELED.test(folderName) ? 'canceled' : undefined;
