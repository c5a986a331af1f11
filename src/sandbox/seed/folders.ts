/** The folders of a made-up store and which of them an order is in at what age. */
import type { FolderRecord } from '../types.js';
import type { Prng } from './prng.js';

export type Stage =
  | 'new'
  | 'review'
  | 'production'
  | 'ready'
  | 'shipped'
  | 'closed'
  | 'backorder'
  | 'canceled';

/** Ids do not follow the merchant's order: a folder that was made later may stand first. */
export const STAGE_FOLDERS: Readonly<Record<Stage, FolderRecord>> = {
  new: { id: 21_660, name: 'New' },
  review: { id: 21_661, name: 'Needs Review' },
  production: { id: 21_655, name: 'In Production' },
  ready: { id: 21_656, name: 'Ready to Ship' },
  shipped: { id: 21_657, name: 'Shipped' },
  closed: { id: 21_654, name: 'Closed' },
  backorder: { id: 21_662, name: 'Backorder – Waiting on Stock' },
  canceled: { id: 21_658, name: 'Canceled' },
};

export const FOLDERS: readonly FolderRecord[] = Object.values(STAGE_FOLDERS);

export function stageAt(prng: Prng, ageDays: number): Stage {
  if (prng.chance(0.03)) return 'canceled';
  if (ageDays < 1.5) {
    return prng.weighted([
      ['new', 70],
      ['review', 8],
      ['production', 15],
      ['ready', 7],
    ]);
  }
  if (ageDays < 5) {
    return prng.weighted([
      ['production', 35],
      ['ready', 20],
      ['shipped', 35],
      ['backorder', 6],
      ['new', 2],
      ['review', 2],
    ]);
  }
  // Some orders are stuck, as in every store.
  return prng.weighted([
    [ageDays < 14 ? 'shipped' : 'closed', 90],
    ['shipped', 5],
    ['backorder', 2],
    ['production', 1],
    ['review', 1],
    ['new', 1],
  ]);
}

export function hasShipped(stage: Stage): boolean {
  return stage === 'shipped' || stage === 'closed';
}
