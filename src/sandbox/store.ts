/** One simulated store: its profile, records, bucket and the hooks by which somebody else works in it. */
import type { Bucket } from './bucket.js';
import { type LocalClock, localClock } from './dates.js';
import type { OrderInput } from './order-defaults.js';
import { createRecords, type Records } from './records.js';
import { generateStoreData } from './seed/store-data.js';
import type {
  FolderRecord,
  HistoryRecord,
  InventoryRecord,
  OrderRecord,
  StoreData,
  StoreProfile,
} from './types.js';

export interface SandboxStoreOptions {
  /** Order Desk's id of the store: digits. */
  readonly id: string;
  readonly apiKey: string;
  readonly name: string;
  /** IANA name; UTC unless told. */
  readonly timeZone?: string;
  /** Two letters; `US` unless told. */
  readonly country?: string;
  /** `en_US` unless told. */
  readonly locale?: string;
  /** Decides the made-up records; the number of the store's id unless told. */
  readonly seed?: number;
  /** How many orders are made up; 1,200 unless told. */
  readonly orderCount?: number;
  /** The lowest order id, so that two stores may hold the same ids. */
  readonly firstOrderId?: number;
  /** The records lie in the 90 days before; the start of the sandbox unless told. */
  readonly anchor?: Date;
  /** The records themselves, instead of made-up ones. */
  readonly data?: StoreData;
}

export interface SandboxStore {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly apiKey: string;
  /** Part of what `/store` answers, hence of what must not get out. */
  readonly smtpPassword: string;

  folders(): readonly FolderRecord[];
  /** Oldest `date_added` first, then by id. */
  orders(): readonly OrderRecord[];
  order(id: string): OrderRecord | undefined;
  history(orderId: string): readonly HistoryRecord[];
  inventory(): readonly InventoryRecord[];

  /** @throws Error when the id is taken */
  insertOrder(input: OrderInput): OrderRecord;
  /** Sets `date_updated` to now unless `change` names it. @throws Error for an unknown id */
  changeOrder(id: string, change: Partial<Omit<OrderRecord, 'id'>>): OrderRecord;
  /** Moves an order and notes it in the order's history. @throws Error for an unknown order or folder */
  moveOrder(id: string, folderId: number): OrderRecord;
  removeOrder(id: string): void;
  replaceData(data: StoreData): void;
  /** The merchant makes a new key; the old one is refused from now on. */
  replaceApiKey(apiKey: string): void;
  /** Another integration spends the store's budget. */
  drainBucket(tokens: number): void;
}

/** What the server needs of a store beside its hooks. */
export interface StoreRuntime {
  readonly store: SandboxStore;
  readonly records: Records;
  readonly bucket: Bucket;
  readonly local: LocalClock;
  profile(): StoreProfile;
}

/** @throws RangeError for an unknown time zone */
export function createStore(options: SandboxStoreOptions, bucket: Bucket, now: () => number): StoreRuntime {
  const timeZone = options.timeZone ?? 'UTC';
  const smtpPassword = `smtp-password-of-${options.id}`;
  const data =
    options.data ??
    generateStoreData({
      storeId: options.id,
      seed: options.seed ?? Number(options.id),
      anchor: options.anchor ?? new Date(now()),
      ...(options.country === undefined ? {} : { homeCountry: options.country }),
      ...(options.orderCount === undefined ? {} : { orderCount: options.orderCount }),
      ...(options.firstOrderId === undefined ? {} : { firstOrderId: options.firstOrderId }),
    });
  const records = createRecords(data, now);
  let apiKey = options.apiKey;

  const store: SandboxStore = {
    id: options.id,
    name: options.name,
    timeZone,
    get apiKey() {
      return apiKey;
    },
    smtpPassword,
    folders: records.folders,
    orders: records.orders,
    order: records.order,
    history: records.history,
    inventory: records.inventory,
    insertOrder: records.insertOrder,
    changeOrder: records.changeOrder,
    moveOrder(id, folderId) {
      const folder = records.folders().find((candidate) => candidate.id === folderId);
      if (folder === undefined) throw new Error(`There is no folder ${folderId}.`);
      const moved = records.changeOrder(id, { folder_id: folderId });
      records.addHistory(id, 'Order Desk', `Order Moved to ${folder.name} Folder`);
      return moved;
    },
    removeOrder: records.removeOrder,
    replaceData: records.replaceAll,
    replaceApiKey(next) {
      apiKey = next;
    },
    drainBucket: bucket.drain,
  };
  return {
    store,
    records,
    bucket,
    local: localClock(timeZone),
    profile: () => ({
      id: options.id,
      name: options.name,
      apiKey,
      smtpPassword,
      timeZone,
      country: options.country ?? 'US',
      locale: options.locale ?? 'en_US',
    }),
  };
}
