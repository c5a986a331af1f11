/** What a call has changed in the records of the sandbox, told as the tools tell it. Knows nothing of how they work. */
import type { SandboxStore } from '../../../src/sandbox/index.js';
import type { Change } from './tool-room.js';

/** By place: `order 26211 shipping.phone`, `inventory 5 stock`. */
export type Differences = ReadonlyMap<string, Change>;

type Leaves = ReadonlyMap<string, unknown>;

/** @returns a function that tells what is different by now */
export function watch(shop: SandboxStore): () => Differences {
  const before = leavesOf(shop);
  return () => {
    const after = leavesOf(shop);
    const places = new Set([...before.keys(), ...after.keys()]);
    const changes = [...places]
      .map((field) => ({ field, before: before.get(field), after: after.get(field) }))
      .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
    return new Map(changes.map((change) => [change.field, change]));
  };
}

function leavesOf(shop: SandboxStore): Leaves {
  const leaves = new Map<string, unknown>();
  for (const order of shop.orders()) {
    collect(leaves, `order ${order.id} `, { ...order, order_history: shop.history(order.id) });
  }
  for (const item of shop.inventory()) collect(leaves, `inventory ${item.id} `, item);
  return leaves;
}

function collect(leaves: Map<string, unknown>, place: string, value: unknown): void {
  const dot = place.endsWith(' ') ? '' : '.';
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) collect(leaves, `${place}[${nameOf(entry, index)}]`, entry);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) collect(leaves, `${place}${dot}${name}`, member);
  } else {
    leaves.set(place, value);
  }
}

/** Entries with an id are known by it, others by their place. */
const nameOf = (entry: unknown, index: number): string =>
  typeof entry === 'object' && entry !== null && 'id' in entry ? String(entry.id) : `+${index}`;
