/**
 * What tools read: Order Desk's records normalised. Absent text is `null`, ids are strings, money is a decimal
 * string exactly as Order Desk wrote it, dates are ISO 8601 in UTC with `Z`, empty maps are `{}`.
 */

export interface StoreView {
  readonly orderDeskId: string;
  readonly name: string;
  /** IANA zone of the store's settings; `null` when it names none that is known. */
  readonly timeZone: string | null;
  readonly country: string | null;
  readonly locale: string | null;
  readonly folders: readonly { readonly id: string; readonly name: string }[];
  readonly shippingMethods: readonly string[];
  /** Whether Order Desk itself takes what is ordered off the stock; `null` where its settings do not say. */
  readonly stockFollowsSales: boolean | null;
}

export interface AddressView {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly company: string | null;
  readonly lines: readonly string[];
  readonly city: string | null;
  readonly state: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly phone: string | null;
}

export interface ItemView {
  readonly id: string;
  readonly name: string;
  readonly code: string | null;
  readonly price: string;
  readonly quantity: number;
  readonly weight: string | null;
  readonly deliveryType: string | null;
  readonly category: string | null;
  readonly fulfillmentMethod: string | null;
  readonly variations: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface ShipmentView {
  readonly id: string;
  readonly trackingNumber: string | null;
  readonly carrier: string | null;
  readonly method: string | null;
  readonly trackingUrl: string | null;
  readonly dateShipped: string | null;
  readonly addedAt: string | null;
  readonly weight: string | null;
  readonly cost: string | null;
  readonly status: string | null;
  /** Items of a partial shipment; empty when it covers the whole order. */
  readonly items: readonly {
    readonly id: string | null;
    readonly code: string | null;
    readonly quantity: number;
  }[];
}

export interface OrderView {
  readonly id: string;
  readonly sourceId: string | null;
  readonly sourceName: string | null;
  readonly folderId: string | null;
  readonly email: string | null;
  readonly customerId: string | null;
  readonly addedAt: string;
  readonly updatedAt: string | null;
  readonly shippingMethod: string | null;
  readonly paymentType: string | null;
  readonly paymentStatus: string | null;
  readonly tag: string | null;
  readonly fulfillment: { readonly name: string | null; readonly id: string | null };
  readonly totals: {
    readonly product: string;
    readonly shipping: string;
    readonly handling: string;
    readonly tax: string;
    readonly discount: string;
    readonly order: string;
    readonly refund: string;
    readonly quantity: number;
    readonly weight: string;
  };
  readonly shipping: AddressView;
  readonly customer: AddressView;
  readonly checkoutData: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly discounts: readonly {
    readonly name: string;
    readonly code: string | null;
    readonly amount: string;
  }[];
  readonly notes: readonly {
    readonly at: string | null;
    readonly by: string | null;
    readonly text: string;
  }[];
  readonly history: readonly {
    readonly at: string | null;
    readonly by: string | null;
    readonly text: string;
  }[];
  readonly items: readonly ItemView[];
  readonly shipments: readonly ShipmentView[];
}

export interface InventoryView {
  readonly id: string;
  readonly name: string;
  /** The SKU, by which orders find the item. */
  readonly code: string | null;
  readonly price: string;
  readonly cost: string | null;
  readonly weight: string | null;
  /** Units at hand as a decimal, below zero for what was sold beyond it; `null` where Order Desk does not say. */
  readonly stock: string | null;
  readonly location: string | null;
  readonly manufacturerSku: string | null;
  readonly variations: Readonly<Record<string, string>>;
  /** Who wrote it last, in their own words. */
  readonly updateSource: string | null;
  readonly addedAt: string | null;
  readonly updatedAt: string | null;
}
