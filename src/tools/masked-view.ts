import type { OrderView } from '../orderdesk/views.js';
import { maskView } from '../orders/mask.js';
import type { Masker } from '../tenancy/masker.js';
import type { Principal } from '../tenancy/principal.js';

/** What the caller may see of an order; every order passes through it on its way into an answer. */
export async function viewFor(masker: Masker, principal: Principal): Promise<(view: OrderView) => OrderView> {
  const pseudonym = await masker.of(principal);
  return pseudonym === undefined ? (view) => view : (view) => maskView(view, pseudonym);
}
