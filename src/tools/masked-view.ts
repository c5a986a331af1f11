import type { OrderView } from '../orderdesk/views.js';
import { maskView, unmaskedPart } from '../orders/mask.js';
import type { Masker } from '../tenancy/masker.js';
import type { Principal } from '../tenancy/principal.js';

/** What the caller may see of an order; every order passes through it on its way into an answer. */
export async function viewFor(masker: Masker, principal: Principal): Promise<(view: OrderView) => OrderView> {
  return (await sightOf(masker, principal)).visible;
}

export interface Sight {
  /** Something is masked. */
  readonly masked: boolean;
  /** As in `viewFor`. */
  readonly visible: (view: OrderView) => OrderView;
  /** What a search in texts may look at: a match would tell what a masked field holds, or find a pseudonym. */
  readonly searchable: (view: OrderView) => OrderView;
}

export async function sightOf(masker: Masker, principal: Principal): Promise<Sight> {
  const pseudonym = await masker.of(principal);
  const whole = (view: OrderView): OrderView => view;
  return pseudonym === undefined
    ? { masked: false, visible: whole, searchable: whole }
    : { masked: true, visible: (view) => maskView(view, pseudonym), searchable: unmaskedPart };
}
