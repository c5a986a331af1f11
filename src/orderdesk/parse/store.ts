/**
 * The settings of a store, by an allow-list. The reply carries the API key and the SMTP password in clear (Order Desk
 * API, store settings), so the record ends here: what is not named below goes no further, and there is no `raw`.
 */
import type { StoreView } from '../views.js';
import { below, id, isRecord, type JsonRecord, malformed, map, record, text } from './json.js';

/** The reply with nothing left but what `parseStore` reads: this much may be cached. */
export function allowListedStore(reply: JsonRecord): JsonRecord {
  const { id: storeId, name, folders, settings } = record(reply, 'store', '');
  const allowed = isRecord(settings) ? settings : {};
  const { timezone, store_country, locale_code, auto_update_stock_count } = allowed;
  return {
    store: {
      id: storeId,
      name,
      folders,
      settings: {
        timezone,
        store_country,
        locale_code,
        shipping_methods: parseShippingMethods(allowed),
        auto_update_stock_count: switchedOn(auto_update_stock_count),
      },
    },
  };
}

/** @throws AppError `upstream_malformed`, naming the field */
export function parseStore(reply: JsonRecord): StoreView {
  const store = record(reply, 'store', '');
  const settings = map(store, 'settings', 'store');
  return {
    orderDeskId: id(store, 'id', 'store'),
    name: text(store, 'name', 'store') ?? '',
    timeZone: knownTimeZone(text(settings, 'timezone', 'store.settings')),
    country: text(settings, 'store_country', 'store.settings'),
    locale: text(settings, 'locale_code', 'store.settings'),
    folders: parseFolders(store),
    shippingMethods: parseShippingMethods(settings),
    stockFollowsSales: switchedOn(settings.auto_update_stock_count),
  };
}

/**
 * Folders by ascending id. Order Desk sends a map of id to name in the order of its folders, which is lost here:
 * JavaScript sorts keys that look like whole numbers. So the first one need not be where new orders land.
 */
function parseFolders(store: JsonRecord): StoreView['folders'] {
  const folders = store.folders;
  if (Array.isArray(folders)) {
    return folders.map((folder: unknown, index) => {
      const at = below('store.folders', index);
      if (!isRecord(folder)) throw malformed('store.folders', index, 'a folder');
      return { id: id(folder, 'id', at), name: text(folder, 'name', at) ?? '' };
    });
  }
  const names = map(store, 'folders', 'store');
  return Object.keys(names).map((folderId) => ({
    id: folderId,
    name: text(names, folderId, 'store.folders') ?? '',
  }));
}

/** Names only; entries of a shape that is not known are left out, since nothing depends on them. */
function parseShippingMethods(settings: JsonRecord): readonly string[] {
  const methods = settings.shipping_methods;
  if (typeof methods !== 'object' || methods === null) return [];
  return Object.values(methods).flatMap((entry: unknown) => {
    const name = isRecord(entry) ? entry.name : entry;
    return typeof name === 'string' && name !== '' ? [name] : [];
  });
}

/** A switch of the settings page: `"1"` and `""` in replies, and what else PHP may make of them; `null` for any other. */
const SWITCH: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ['1', true],
  [1, true],
  [true, true],
  ['', false],
  ['0', false],
  [0, false],
  [false, false],
]);

const switchedOn = (value: unknown): boolean | null => SWITCH.get(value) ?? null;

/** By their usual names; asked for first, since making a format only to learn whether it can be made is dear. */
const TIME_ZONES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'));

function knownTimeZone(name: string | null): string | null {
  if (name === null || TIME_ZONES.has(name)) return name;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
