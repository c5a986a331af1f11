/** What a caller wants of each kind of change: checked by the tool, plain JSON, in Order Desk's own names. */
import type { FieldChange } from './port.js';

/** Members to be set; `null` clears one. Maps in it are merged key by key. */
export type Patch = Readonly<Record<string, unknown>>;

export interface OrderEdit {
  readonly orderId: string;
  /**
   * `shipping`, `customer`, `return_address`, `checkout_data`, `order_metadata` merge key by key; `order_items` are patches
   * with the `id` of an item that is there; `order_notes` are texts to be appended; anything else is set as it is.
   */
  readonly patch: Patch;
  readonly expectedVersion?: string | undefined;
}

export interface ShipmentLine {
  readonly orderId: string;
  readonly trackingNumber: string;
  /** In Order Desk's names: carrier_code, shipment_method, tracking_url, cost, weight. */
  readonly fields: Readonly<Record<string, string>>;
  /** Makes it a partial shipment. */
  readonly items?:
    | readonly { readonly id?: string; readonly code?: string; readonly quantity: number }[]
    | undefined;
}

export interface StockLine {
  /** One of the two. */
  readonly code?: string | undefined;
  readonly id?: string | undefined;
  readonly set?: Patch | undefined;
  /** Whole units, below zero to take away. */
  readonly adjustStockBy?: number | undefined;
  /** Refused for this line when the stock that was read is another; a decimal. */
  readonly expectedStock?: string | undefined;
}

/** The restoring of fields to what they were: refused where one of them is no longer as `after` says. */
export interface Restore {
  readonly fields: readonly FieldChange[];
}

export interface Intents {
  readonly order_update: OrderEdit | ({ readonly orderId: string } & Restore);
  /** The order in Order Desk's own form, without ids; our mark is added by the engine's own code. */
  readonly order_create: {
    readonly order: Patch;
    /** For an undo: the order is a record of Order Desk's own, with fields that nobody here knows. */
    readonly asItWas?: boolean | undefined;
  };
  readonly order_delete: { readonly orderId: string; readonly expectedVersion?: string | undefined };
  readonly orders_move: {
    readonly orderIds: readonly string[];
    readonly folderId: string;
    /** For an undo: the folder each order must still be in, and where it goes back to, by order id. */
    readonly back?: Readonly<Record<string, { readonly from: string; readonly to: string }>> | undefined;
  };
  readonly note_add: { readonly orderId: string; readonly note: string };
  readonly item_add: {
    readonly orderId: string;
    readonly item: Patch;
    /** For an undo: the record is Order Desk's own, less id and mark, and may hold members that nobody here knows. */
    readonly asItWas?: true | undefined;
  };
  readonly item_update:
    | {
        readonly orderId: string;
        readonly itemId: string;
        readonly patch: Patch;
        readonly expectedVersion?: string | undefined;
      }
    | ({ readonly orderId: string; readonly itemId: string } & Restore);
  readonly item_remove: {
    readonly orderId: string;
    readonly itemId: string;
    readonly expectedVersion?: string | undefined;
    /** For an undo: the item as it must still be. */
    readonly unchangedFrom?: Patch | undefined;
  };
  readonly shipments_add: { readonly lines: readonly ShipmentLine[] };
  readonly shipment_update:
    | { readonly orderId: string; readonly shipmentId: string; readonly patch: Patch }
    | ({ readonly orderId: string; readonly shipmentId: string } & Restore);
  readonly shipments_delete: {
    readonly shipments: readonly {
      readonly orderId: string;
      /** One of the two; a tracking number must be that of exactly one shipment of the order. */
      readonly shipmentId?: string | undefined;
      readonly trackingNumber?: string | undefined;
      /** For an undo: the members that must still be so. */
      readonly unchangedFrom?: Patch | undefined;
    }[];
  };
  readonly inventory_update: {
    readonly lines: readonly (
      | StockLine
      /** The code is where it is looked for first: one read finds many. */
      | ({ readonly id: string; readonly code?: string | undefined } & Restore)
    )[];
  };
  /** `asItWas`: a deleted record made again, with fields that nobody here knows. */
  readonly inventory_create: { readonly item: Patch; readonly asItWas?: boolean | undefined };
  readonly inventory_delete: { readonly id?: string | undefined; readonly code?: string | undefined };
}
