/** The place of a finding in the list of all: by order, oldest first, and by check. A page goes on after the last one shown. */
import { compareKeys, type OrderKey, orderKey } from '../keyset.js';
import { CHECKS, type Check } from './check.js';

export interface FindingPlace extends OrderKey {
  readonly check: Check;
}

interface Placed {
  readonly order: { readonly id: string; readonly addedAt: string };
  readonly check: Check;
}

export const placeOf = ({ order, check }: Placed): FindingPlace => ({ ...orderKey(order), check });

/** Negative when `a` comes first; 0 for the same finding only. */
export const comparePlaces = (a: FindingPlace, b: FindingPlace): number =>
  compareKeys(a, b, 'asc') || CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check);

export const inOrder = <F extends Placed>(found: readonly F[]): F[] =>
  found
    .map((finding) => ({ finding, place: placeOf(finding) }))
    .sort((a, b) => comparePlaces(a.place, b.place))
    .map(({ finding }) => finding);
