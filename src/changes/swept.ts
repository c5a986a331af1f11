/** Tells what became of the changes that sweeps take: the engine's work on them goes through its ledger. */

import type { Ledger } from './ledger.js';
import type { ChangeState } from './port.js';

/** `abandoned`: nothing had been sent; `open`: not decided in that sweep. */
export type Swept = Extract<ChangeState, 'applied' | 'failed' | 'unknown'> | 'abandoned' | 'open';

/** The same ledger; one sweep of this process ends before its next begins. */
export function tellingSwept(ledger: Ledger, onSwept: (verdict: Swept) => void): Ledger {
  /** Owners that the last sweep was given. */
  let taken = new Set<string>();
  const tell = (owner: string, verdict: Swept): void => {
    if (taken.delete(owner)) onSwept(verdict);
  };
  return {
    ...ledger,
    async takeDead(limit) {
      for (const _ of taken) onSwept('open');
      taken = new Set();
      const dead = await ledger.takeDead(limit);
      taken = new Set(dead.map(({ claim }) => claim.owner));
      return dead;
    },
    async close(claim, closing) {
      const isHis = await ledger.close(claim, closing);
      const { state } = closing;
      if (isHis) tell(claim.owner, state === 'claimed' || state === 'pending' ? 'open' : state);
      return isHis;
    },
    async abandon(claim) {
      await ledger.abandon(claim);
      tell(claim.owner, 'abandoned');
    },
  };
}
