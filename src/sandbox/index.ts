/**
 * A simulated Order Desk for the demo, the tests and the benchmarks, always over real HTTP.
 *
 * - It is faithful to what is known of the API, its odd typing included; what is not known is a switch.
 * - Its records are a pure function of a seed and a date, and all people in them are made up.
 * - Records are kept in the API's own form and change in one place, `records.ts`.
 * - It imports no other room, and only the composition roots import it: the server knows it by its URL.
 */
export type { RateLimit } from './bucket.js';
export { orderDeskRateLimit } from './bucket.js';
export type { Counters, StoreTally, Tally } from './counters.js';
export { defaultSandboxStores } from './default-stores.js';
export type { Fault, FaultRule, PlainMatch } from './faults.js';
export type { LatencyOptions, LatencyRange } from './latency.js';
export type { OrderInput } from './order-defaults.js';
export type { Sandbox, SandboxOptions } from './sandbox.js';
export { startSandbox } from './sandbox.js';
export { generateStoreData } from './seed/store-data.js';
export type { ApiRequest } from './service.js';
export type { SomebodyElse, SomebodyElseOptions, Timer } from './somebody-else.js';
export type { SandboxStore, SandboxStoreOptions } from './store.js';
export { readSwitches, SWITCH_VALUES, UnknownSwitch } from './switch-values.js';
export type { SandboxSwitches } from './switches.js';
export { defaultSwitches } from './switches.js';
export type {
  FolderRecord,
  HistoryRecord,
  InventoryRecord,
  ItemRecord,
  OrderRecord,
  ShipmentRecord,
  StoreData,
} from './types.js';
