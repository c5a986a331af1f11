/** What an endpoint is: it sees one store's records and answers; it knows nothing of HTTP, limits or faults. */
import type { LocalClock } from './dates.js';
import type { Answer } from './envelope.js';
import type { Query } from './filters.js';
import type { Records } from './records.js';
import type { OrderRenderer } from './render.js';
import type { SandboxSwitches } from './switches.js';
import type { StoreProfile } from './types.js';

/** What sets a merchant's rules off: the events that the API can cause. */
export type RuleEvent =
  | 'order_imported'
  | 'folder_changed'
  | 'order_details_changed'
  | 'address_changed'
  | 'shipment_added';

export interface HandlerContext {
  readonly profile: StoreProfile;
  readonly records: Records;
  readonly renderer: OrderRenderer;
  readonly local: LocalClock;
  readonly switches: SandboxSwitches;
  /** Differs with every request. */
  readonly requestNumber: number;
  now(): number;
  /** Runs the merchant's rules for an event: in the sandbox they do nothing but are counted. */
  fireRules(event: RuleEvent, orderId: string): void;
}

/**
 * @param ids the ids in the path, from left to right
 * @param body the JSON value of the request's body; `undefined` where there was none
 */
export type Handler = (
  context: HandlerContext,
  ids: readonly string[],
  query: Query,
  body: unknown,
) => Answer;
