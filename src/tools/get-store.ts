import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { StoreView } from '../orderdesk/views.js';
import { fitEntries, jsonSize, roomBeside, shareRoom } from '../orders/budget.js';
import { type FolderReading, folderStates } from '../orders/folder-states.js';
import { clip, clipOrNull } from '../orders/text.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { READS } from './annotations.js';
import type { ToolDeps } from './deps.js';
import { remarksOut, text, timeZoneOut } from './output.js';
import { type StoreChoice, storeArguments } from './params.js';
import { storeClock } from './store-context.js';

const output = z.object({
  store: z.string(),
  order_desk_id: z.string(),
  order_desk_name: z.string().describe('Its name at Order Desk'),
  time_zone: timeZoneOut,
  country: text,
  locale: text.describe('Sets the currency of all amounts'),
  folders: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      means: z.enum(['open', 'closed', 'canceled']).describe('open: its orders still need work'),
      said_by_owner: z.boolean().optional().describe('Absent: guessed by its name'),
      note: z.string().optional().describe('What moving an order here does, by the owner of the store'),
    }),
  ),
  shipping_methods: z.array(z.string()),
  omitted: z
    .object({ folders: z.number(), shipping_methods: z.number() })
    .optional()
    .describe('Left out for size'),
  remarks: remarksOut,
});

export function getStoreTool(
  { gateway, directory }: Pick<ToolDeps, 'gateway' | 'directory'>,
  choice: StoreChoice,
): ToolDefinition {
  return defineTool({
    name: 'get_store',
    title: 'Get store settings',
    description:
      'Reads the settings of one store: its folders and what they mean (Order Desk has no order status, the folder of an order ' +
      'is its state), time zone, country and shipping methods. Use it before filtering by folder or reasoning about local days. To see which ' +
      'stores there are use list_stores; for orders use list_orders. Credentials and mail settings are never returned.',
    toolset: 'default',
    input: storeArguments(choice, {}),
    output,
    annotations: READS,
    async handler(args, ctx) {
      const { principal } = ctx;
      const entry = await directory.resolve(principal, args.store);
      const view = await gateway.store(entry, ctx);
      const { zone, remark } = storeClock(view);
      const remarks = [...(remark === undefined ? [] : [remark]), ...remarkOnUnlisted(entry, view)];
      const about = {
        store: entry.name,
        order_desk_id: entry.orderDeskId,
        order_desk_name: clip(view.name, 200),
        time_zone: zone.name,
        country: clipOrNull(view.country, 100),
        locale: clipOrNull(view.locale, 100),
        ...(remarks.length === 0 ? {} : { remarks }),
      };
      const folders = folderStates(view.folders, entry.folderStates).all.map((folder) =>
        folderLine(folder, entry),
      );
      const methods = view.shippingMethods.map((method) => clip(method, 200));
      const room = roomBeside({ ...about, folders: [], shipping_methods: [], omitted: OMITTED_AT_MOST });
      const [forFolders = 0, forMethods = 0] = shareRoom([jsonSize(folders), jsonSize(methods)], room);
      const shown = fitEntries(folders, forFolders);
      const shownMethods = fitEntries(methods, forMethods);
      return {
        ...about,
        folders: shown.kept,
        shipping_methods: shownMethods.kept,
        ...(shown.dropped + shownMethods.dropped === 0
          ? {}
          : { omitted: { folders: shown.dropped, shipping_methods: shownMethods.dropped } }),
      };
    },
  });
}

function folderLine({ id, name, state, by }: FolderReading, { folderNotes }: StoreEntry) {
  const note = Object.hasOwn(folderNotes, id) ? folderNotes[id] : undefined;
  return {
    id,
    name: clip(name, 200),
    means: state,
    // The rarer case: most folders are not spoken of, and a mark on each would take room.
    ...(by === 'owner' ? { said_by_owner: true } : {}),
    ...(note === undefined ? {} : { note: clip(note, 500) }),
  };
}

/** What was said of a folder that is gone, or newer than the settings in the cache, must not be looked for in vain. */
function remarkOnUnlisted({ folderNotes, folderStates: said }: StoreEntry, { folders }: StoreView): string[] {
  const known = new Set(folders.map(({ id }) => id));
  const unlisted = [...new Set([...Object.keys(folderNotes), ...Object.keys(said)])].filter(
    (id) => !known.has(id),
  );
  if (unlisted.length === 0) return [];
  const named = unlisted.slice(0, 20).map((id) => clip(id, 40));
  const more = unlisted.length - named.length;
  return [
    `The owner configured folders that the store did not have when it was last read, minutes ago at most: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
  ];
}

const OMITTED_AT_MOST = { folders: 1_000_000, shipping_methods: 1_000_000 };
