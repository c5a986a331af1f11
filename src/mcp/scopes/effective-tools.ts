/**
 * Which tools one request may see and call: the one place where scopes are put together. In this order: the key's scope is
 * the upper bound; read-only beats everything; exclusion beats inclusion; an unknown name is an error. A request
 * narrows what its key allows and never widens it. Pure; imports nothing of ours but errors and types.
 */
import { AppError } from '../../errors.js';
import type { Principal, Scope } from '../../tenancy/principal.js';
import type { Toolset } from '../catalogue.js';

/** What a scope says about tools. */
export type ToolScope = Pick<Scope, 'toolsets' | 'exclude' | 'readOnly'>;

/** What a request asks to be limited to. */
export interface Narrowing {
  /** These toolsets alone; `undefined` for all that the key may use. */
  readonly toolsets: readonly string[] | undefined;
  /** Names of tools or toolsets. */
  readonly exclude: readonly string[];
  readonly readOnly: boolean;
}

export const NO_NARROWING: Narrowing = { toolsets: undefined, exclude: [], readOnly: false };

/** The toolset of a tool that names none, and what every key may use unless its scope says otherwise. */
export const DEFAULT_TOOLSET = 'default';

export interface ScopedTool {
  readonly name: string;
  readonly toolset: string;
  readonly readOnly: boolean;
}

export interface ScopedCatalogue<Tool extends ScopedTool> {
  readonly toolsets: readonly Toolset[];
  readonly tools: readonly Tool[];
}

/**
 * The tools of the catalogue, in its order, that are left for this key and this request.
 * @throws AppError `invalid_argument` for a name in the request that does not exist, with those that do; `forbidden` for a
 *   toolset that the key lacks, and for a key whose own scope names something unknown: its restriction could not be kept
 */
export function effectiveTools<Tool extends ScopedTool>(
  scope: ToolScope,
  role: Principal['role'],
  narrowing: Narrowing,
  catalogue: ScopedCatalogue<Tool>,
): readonly Tool[] {
  refuseUnknownScope(scope, catalogue);
  refuseUnknownNarrowing(narrowing, catalogue);
  const granted = grantedToolsets(scope, role, catalogue.toolsets);
  const asked = narrowing.toolsets ?? granted;
  const beyond = asked.find((name) => !granted.includes(name));
  if (beyond !== undefined) throw beyondTheKey(beyond, granted);
  const readOnly = scope.readOnly || narrowing.readOnly;
  return catalogue.tools.filter(
    (tool) =>
      (tool.readOnly || !readOnly) &&
      asked.includes(tool.toolset) &&
      !isNamed(tool, scope.exclude) &&
      !isNamed(tool, narrowing.exclude),
  );
}

const isNamed = (tool: ScopedTool, names: readonly string[]): boolean =>
  names.includes(tool.name) || names.includes(tool.toolset);

/** A toolset for owners is nothing that an agent key could name itself into. */
function grantedToolsets(scope: ToolScope, role: Principal['role'], toolsets: readonly Toolset[]): string[] {
  const { toolsets: named, exclude } = scope;
  return toolsets
    .filter(({ ownersOnly }) => role === 'owner' || ownersOnly !== true)
    .filter(({ name, ownersOnly }) =>
      named === 'standard' ? name === DEFAULT_TOOLSET || ownersOnly === true : named.includes(name),
    )
    .filter(({ name }) => !exclude.includes(name))
    .map(({ name }) => name);
}

type Names = ScopedCatalogue<ScopedTool>;

const isToolset = (name: string, { toolsets }: Names): boolean =>
  toolsets.some((toolset) => toolset.name === name);

const isKnown = (name: string, catalogue: Names): boolean =>
  isToolset(name, catalogue) || catalogue.tools.some((tool) => tool.name === name);

const toolsetNames = ({ toolsets }: Names): string => toolsets.map(({ name }) => name).join(', ');

function refuseUnknownScope({ toolsets, exclude }: ToolScope, catalogue: Names): void {
  const unknown =
    (toolsets === 'standard' ? undefined : toolsets.find((name) => !isToolset(name, catalogue))) ??
    exclude.find((name) => !isKnown(name, catalogue));
  if (unknown === undefined) return;
  throw new AppError(
    'forbidden',
    `The scope of this key names "${unknown}", which this server does not know.`,
    {
      hint: `The key was made by another release; its operator makes a new one. Toolsets: ${toolsetNames(catalogue)}.`,
    },
  );
}

function refuseUnknownNarrowing({ toolsets, exclude }: Narrowing, catalogue: Names): void {
  const noToolset = toolsets?.find((name) => !isToolset(name, catalogue));
  if (noToolset !== undefined) {
    throw new AppError('invalid_argument', `toolsets: there is no toolset "${noToolset}".`, {
      field: 'toolsets',
      hint: `Toolsets: ${toolsetNames(catalogue)}.`,
    });
  }
  const nothing = exclude.find((name) => !isKnown(name, catalogue));
  if (nothing === undefined) return;
  const tools = catalogue.tools.map(({ name }) => name).join(', ');
  throw new AppError('invalid_argument', `exclude: there is no tool or toolset "${nothing}".`, {
    field: 'exclude',
    hint: `Tools: ${tools}. Toolsets: ${toolsetNames(catalogue)}.`,
  });
}

const beyondTheKey = (toolset: string, granted: readonly string[]): AppError =>
  new AppError('forbidden', `toolsets: this key may not use "${toolset}".`, {
    field: 'toolsets',
    hint: `It may use: ${granted.join(', ') || 'none'}. An address narrows what a key allows, it never widens it.`,
  });
