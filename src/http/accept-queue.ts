/**
 * Connections that the kernel has made for a listener and its process has not taken over yet. Linux shows them as bytes
 * to be received, in tables that begin with all listeners: no more is read than these, since the rest is long under load.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** What the kernel gives in one piece; always whole lines. */
const PIECE_BYTES = 4096;

export interface AcceptQueue {
  /** Of all listeners on the port; `undefined` when none was found this time. Some ten microseconds, once it is warm. */
  waiting(): number | undefined;
  close(): void;
}

/**
 * @param port on which somebody listens
 * @returns `undefined` where the system does not tell
 */
export function watchAcceptQueue(port: number): AcceptQueue | undefined {
  const listener = listenerOn(port);
  const piece = Buffer.alloc(PIECE_BYTES);
  const tables: number[] = [];
  for (const table of TABLES.map(opened)) {
    if (table === undefined) continue;
    // One in which nobody listens would only take time.
    if (waitingIn(table, piece, listener) === undefined) closeSync(table);
    else tables.push(table);
  }
  if (tables.length === 0) return undefined;
  return {
    waiting: () => {
      const found = tables.map((table) => waitingIn(table, piece, listener));
      return found.every((waiting) => waiting !== undefined)
        ? found.reduce((sum, waiting) => sum + waiting, 0)
        : undefined;
    },
    close: () => {
      for (const table of tables) closeSync(table);
    },
  };
}

/** Number, local address, remote address, state `0A` for those who listen, bytes to be sent, bytes to be received. */
const listenerOn = (port: number): RegExp => {
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  return new RegExp(`^ *\\d+: [0-9A-F]+:${local} [0-9A-F]+:0000 0A [0-9A-F]+:([0-9A-F]+) `, 'gm');
};
/** Whoever does not listen comes after all who do. */
const OTHERS = /^ *\d+: \S+ \S+ (?!0A)/m;

function waitingIn(table: number, piece: Buffer, listener: RegExp): number | undefined {
  let sum: number | undefined;
  for (let position = 0; ; ) {
    const length = readSync(table, piece, 0, PIECE_BYTES, position);
    position += length;
    const lines = piece.toString('latin1', 0, length);
    for (const [, waiting = ''] of lines.matchAll(listener)) {
      sum = (sum ?? 0) + Number.parseInt(waiting, 16);
    }
    if (length === 0 || OTHERS.test(lines)) return sum;
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (thrown) {
    // Only Linux has them, and not every kernel the second.
    if (thrown instanceof Error && 'code' in thrown) return undefined;
    throw thrown;
  }
}
