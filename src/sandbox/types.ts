/**
 * Order Desk's records in the form the API sends them: mixed types, empty text as `""`, UTC dates without a zone.
 * A record may hold more fields than are named here: what a client sends is kept and sent back.
 */

/** The back end is PHP: an empty map is an empty list in JSON. */
export type PhpMap<T> = Readonly<Record<string, T>> | readonly never[];

export interface CustomerAddress {
  readonly first_name: string;
  readonly last_name: string;
  readonly company: string;
  readonly address1: string;
  readonly address2: string;
  readonly city: string;
  readonly state: string;
  readonly postal_code: string;
  readonly country: string;
  readonly phone: string;
}

export interface ShippingAddress extends CustomerAddress {
  readonly address3: string;
  readonly address4: string;
}

export interface ReturnAddress {
  readonly title: string;
  readonly name: string;
  readonly company: string;
  readonly address1: string;
  readonly address2: string;
  readonly city: string;
  readonly state: string;
  readonly postal_code: string;
  readonly country: string;
  readonly phone: string;
}

export interface DiscountRecord {
  readonly name: string;
  readonly code: string;
  /** A positive amount, as text. */
  readonly amount: string;
}

export interface NoteRecord {
  readonly date_added: string;
  readonly username: string;
  readonly content: string;
}

export interface HistoryRecord {
  readonly source_name: string;
  readonly note: string;
  readonly date_added: string;
}

export interface ItemRecord {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly quantity: number;
  readonly weight: number;
  readonly code: string;
  readonly delivery_type: string;
  readonly category_code: string;
  readonly fulfillment_method: string;
  readonly variation_list: PhpMap<unknown>;
  readonly metadata: PhpMap<unknown>;
}

export interface ShippedItem {
  readonly id: string;
  readonly code: string;
  readonly quantity: number;
}

/** Every field is text, but `order_items` of a partial shipment. */
export interface ShipmentRecord {
  readonly id: string;
  readonly order_id: string;
  readonly store_id: string;
  readonly tracking_number: string;
  readonly carrier_code: string;
  readonly shipment_method: string;
  readonly weight: string;
  readonly weight_unit: string;
  readonly cost: string;
  readonly status: string;
  readonly tracking_url: string;
  readonly label_format: string;
  readonly label_image: string;
  readonly print_status: string;
  /** `""` when the shipment covers the whole order. */
  readonly order_items: '' | readonly ShippedItem[];
  readonly source: string;
  readonly cart_shipment_id: string;
  readonly label_shipment_id: string;
  /** `YYYY-MM-DD` */
  readonly date_shipped: string;
  readonly date_added: string;
}

export interface OrderRecord {
  readonly id: string;
  readonly email: string;
  readonly shipping_method: string;
  readonly quantity_total: number;
  readonly weight_total: number;
  readonly product_total: number;
  readonly shipping_total: number;
  readonly handling_total: number;
  readonly tax_total: number;
  readonly discount_total: number;
  readonly order_total: number;
  readonly cc_number_masked: string;
  readonly cc_exp: string;
  readonly processor_response: string;
  readonly payment_type: string;
  readonly payment_status: string;
  readonly processor_balance: number;
  readonly refund_total: number;
  readonly customer_id: string;
  readonly email_count: string;
  readonly ip_address: string;
  readonly tag_color: string;
  readonly source_name: string;
  readonly source_id: string;
  readonly fulfillment_name: string;
  readonly fulfillment_id: string;
  readonly tag_name: string;
  readonly folder_id: number;
  readonly date_added: string;
  readonly date_updated: string;
  readonly shipping: ShippingAddress;
  readonly customer: CustomerAddress;
  readonly return_address: ReturnAddress;
  readonly checkout_data: PhpMap<unknown>;
  readonly order_metadata: PhpMap<unknown>;
  readonly discount_list: readonly DiscountRecord[];
  readonly order_notes: readonly NoteRecord[];
  readonly order_items: readonly ItemRecord[];
  readonly order_shipments: readonly ShipmentRecord[];
}

export interface InventoryRecord {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly price: number;
  readonly cost: number;
  readonly weight: number;
  readonly stock: number;
  readonly update_source: string;
  readonly location: string;
  readonly manufacturer_sku: string | null;
  readonly metadata: PhpMap<unknown>;
  readonly variation_list: PhpMap<unknown>;
  readonly date_added: string;
  readonly date_updated: string;
}

export interface FolderRecord {
  readonly id: number;
  readonly name: string;
}

/** Everything one store holds. */
export interface StoreData {
  /** In the merchant's own order: new orders land in the first. */
  readonly folders: readonly FolderRecord[];
  readonly orders: readonly OrderRecord[];
  /** Oldest entry first, by order id. */
  readonly history: ReadonlyMap<string, readonly HistoryRecord[]>;
  readonly inventory: readonly InventoryRecord[];
}

/** What `/store` tells of a store. The two secrets are really in that answer. */
export interface StoreProfile {
  readonly id: string;
  readonly name: string;
  readonly apiKey: string;
  readonly smtpPassword: string;
  /** IANA name, e.g. `America/Los_Angeles`. */
  readonly timeZone: string;
  /** Two letters. */
  readonly country: string;
  /** e.g. `en_US`; it settles the store's one currency. */
  readonly locale: string;
}
