/** Several stores in memory behind one gateway, each with its orders, settings and behaviour. */
import { AppError } from '../../../../src/errors.js';
import type { StoreGateway } from '../../../../src/orderdesk/port.js';
import type { StoreView } from '../../../../src/orderdesk/views.js';
import type { StoreRowId } from '../../../../src/tenancy/ids.js';
import type { StoreDirectory, StoreEntry } from '../../../../src/tenancy/stores.js';
import type { ToolDeps } from '../../../../src/tools/deps.js';
import { aStoreView, gatewayOf, InMemoryStore } from './gateway.js';
import { aStoreEntry, toolDeps } from './ports.js';

export interface Shop {
  readonly store: InMemoryStore;
  readonly entry: StoreEntry;
  readonly view: StoreView;
  /** What every read of this store fails with, or waits for. */
  trouble?: AppError | ((signal: AbortSignal) => Promise<never>);
}

export function aShop(name: string, view: Partial<StoreView> = {}): Shop {
  const orderDeskId = `${name.length}${name.charCodeAt(0)}`;
  return {
    store: new InMemoryStore(),
    entry: aStoreEntry({ name, orderDeskId, rowId: `row-${name}` as StoreRowId, isDefault: false }),
    view: aStoreView(view),
  };
}

/** As the real one finds them: by name in any case, or by id. */
const directoryOfShops = (shops: readonly Shop[]): StoreDirectory => ({
  list: async () => shops.map(({ entry }) => entry),
  async resolve(_principal, requested) {
    const found = shops.find(
      ({ entry }) => entry.name === requested?.toLowerCase() || entry.orderDeskId === requested,
    );
    if (found !== undefined) return found.entry;
    const names = shops.map(({ entry }) => JSON.stringify(entry.name)).join(', ');
    throw new AppError('unknown_store', undefined, { field: 'store', hint: `Stores of this key: ${names}.` });
  },
});

export function depsOfShops(shops: readonly Shop[], change: Partial<ToolDeps> = {}): ToolDeps {
  const shopOf = ({ rowId }: StoreEntry): Shop => {
    const found = shops.find(({ entry }) => entry.rowId === rowId);
    if (found === undefined) throw new Error('no such shop');
    return found;
  };
  const gateway: StoreGateway = {
    ...gatewayOf(new InMemoryStore()),
    store: async (entry) => shopOf(entry).view,
    async listOrders(entry, query, { signal }) {
      const { trouble, store } = shopOf(entry);
      if (trouble instanceof AppError) throw trouble;
      return trouble === undefined ? store.list(query) : trouble(signal);
    },
  };
  return toolDeps(gateway, { directory: directoryOfShops(shops), ...change });
}
