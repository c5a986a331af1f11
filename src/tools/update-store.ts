import { z } from 'zod';
import type { ToolDefinition } from '../mcp/catalogue.js';
import { defineTool } from '../mcp/define-tool.js';
import type { StoreGateway } from '../orderdesk/port.js';
import { clip } from '../orders/text.js';
import type { FolderChange, StoreAdmin, StoreChange, StoreDirectory, StoreEntry } from '../tenancy/stores.js';
import { SETS } from './annotations.js';
import { remarksOut, storeOut } from './output.js';
import { type StoreChoice, storeArguments } from './params.js';
import { findFolders } from './store-context.js';

export interface StoreAdminDeps {
  readonly directory: StoreDirectory;
  readonly gateway: StoreGateway;
  readonly storeAdmin: StoreAdmin;
}

const MOST_FOLDERS = 50;

const folderArgument = z
  .strictObject({
    folder: z.string().trim().min(1).max(200).describe('Name or id, see get_store.'),
    means: z
      .enum(['open', 'closed', 'canceled', 'guess'])
      .optional()
      .describe('Whether its orders need work; guess: by its name.'),
    note: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .nullable()
      .optional()
      .describe('One line on what moving an order there does; null takes it away.'),
  })
  .refine(({ means, note }) => means !== undefined || note !== undefined, 'needs means or note');

const shape = {
  name: z.string().trim().min(1).max(64).optional().describe('New name of the store on this server.'),
  default: z
    .boolean()
    .optional()
    .describe('Whether it is the store that is meant where none is named. True takes that from another.'),
  folders: z
    .array(folderArgument)
    .min(1)
    .max(MOST_FOLDERS)
    .optional()
    .describe('What folders mean, and notes on them. Folders left out stay.'),
  dry_run: z.boolean().default(false).describe('Shows what would change and changes nothing.'),
};

const output = z.object({
  store: storeOut,
  outcome: z.enum(['updated', 'unchanged', 'preview']).describe('preview: nothing was changed'),
  changes: z
    .array(
      z.object({
        what: z.enum(['name', 'default', 'folder_means', 'folder_note']).describe('Setting'),
        folder_id: z.string().optional(),
        before: z.union([z.string(), z.boolean(), z.null()]).describe('null: not set'),
        after: z.union([z.string(), z.boolean(), z.null()]).describe('null: not set'),
      }),
    )
    .describe('What differs'),
  remarks: remarksOut,
});

type Line = z.output<typeof output>['changes'][number];

export function updateStoreTool(
  { directory, gateway, storeAdmin }: StoreAdminDeps,
  choice: StoreChoice,
): ToolDefinition {
  return defineTool({
    name: 'update_store',
    title: 'Update store settings',
    description:
      'Changes what this server keeps of a store: its name, whether it is the default, what its folders mean for agents and the notes on ' +
      'them. Changes nothing at Order Desk; to see the folders use get_store. Use it when the owner says which folders are closed or ' +
      `canceled, or what moving an order somewhere does. What is left out stays; at most ${MOST_FOLDERS} folders a call. Holds for all keys within a second.`,
    toolset: 'admin',
    input: storeArguments(choice, shape).refine(
      ({ name, default: isDefault, folders }) =>
        [name, isDefault, folders].some((each) => each !== undefined),
      'name, default or folders must be given',
    ),
    output,
    annotations: SETS,
    async handler(args, ctx) {
      const entry = await directory.resolve(ctx.principal, args.store);
      const view = args.folders === undefined ? undefined : await gateway.store(entry, ctx);
      const wanted = {
        name: args.name,
        isDefault: args.default,
        folders: (args.folders ?? []).map(
          ({ folder, means, note }): FolderChange => ({
            folderId:
              view === undefined || spokenOf(entry, folder)
                ? folder
                : (findFolders(view, folder)[0] ?? folder),
            means,
            note,
          }),
        ),
      };
      const changes = differences(entry, wanted);
      const isWritten = changes.length > 0 && !args.dry_run;
      const now = isWritten ? await storeAdmin.update(ctx.principal, entry, wanted) : entry;
      return {
        store: clip(now.name, 200),
        outcome: outcomeOf(args.dry_run, isWritten),
        changes: changes.map(clipped),
        ...remarksOn(wanted, changes, args.dry_run),
      };
    },
  });
}

const outcomeOf = (isPreview: boolean, isWritten: boolean) =>
  isPreview ? ('preview' as const) : isWritten ? ('updated' as const) : ('unchanged' as const);

const said = <T>(map: Readonly<Record<string, T>>, id: string): T | null =>
  Object.hasOwn(map, id) ? (map[id] ?? null) : null;

/** What was said of a folder that Order Desk no longer has can be taken back by its id. */
const spokenOf = ({ folderStates, folderNotes }: StoreEntry, id: string): boolean =>
  Object.hasOwn(folderStates, id) || Object.hasOwn(folderNotes, id);

function differences(entry: StoreEntry, { name, isDefault, folders = [] }: StoreChange): Line[] {
  const lines: Line[] = [];
  if (name !== undefined) lines.push({ what: 'name', before: entry.name, after: name });
  if (isDefault !== undefined) lines.push({ what: 'default', before: entry.isDefault, after: isDefault });
  for (const { folderId, means, note } of folders) {
    if (means !== undefined) {
      const before = said(entry.folderStates, folderId);
      lines.push({
        what: 'folder_means',
        folder_id: folderId,
        before,
        after: means === 'guess' ? null : means,
      });
    }
    if (note !== undefined) {
      const before = said(entry.folderNotes, folderId);
      lines.push({ what: 'folder_note', folder_id: folderId, before, after: note });
    }
  }
  return lines.filter(({ before, after }) => before !== after);
}

const clipped = (line: Line): Line => ({
  ...line,
  before: typeof line.before === 'string' ? clip(line.before, 200) : line.before,
  after: typeof line.after === 'string' ? clip(line.after, 200) : line.after,
});

function remarksOn(
  { name }: StoreChange,
  changes: readonly Line[],
  isPreview: boolean,
): { remarks?: string[] } {
  const isRenamed = name !== undefined && changes.some(({ what }) => what === 'name');
  if (!isRenamed) return {};
  const verb = isPreview ? 'would be' : 'is';
  return { remarks: [`The old name ${verb} unknown from now on, also in addresses bound to it.`] };
}
