/**
 * Connections that the kernel has made for a listener and its process has not taken over yet. Linux shows them as bytes
 * to be received, in tables that begin with all listeners: no more is read than these, since the rest is long under load
 * and what was read grows old meanwhile.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const LISTEN = '0A';
const PIECE = 4096;

/** Of all listeners on this port; `undefined` where the system does not tell. */
export function waitingConnections(port: number): number | undefined {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const queues = TABLES.flatMap(listeners)
    .filter(({ address }) => address.endsWith(local))
    .map(({ waiting }) => waiting);
  return queues.length === 0 ? undefined : queues.reduce((sum, waiting) => sum + waiting, 0);
}

interface Listener {
  /** In hexadecimal digits, `address:port`. */
  readonly address: string;
  readonly waiting: number;
}

function listeners(table: string): readonly Listener[] {
  const file = opened(table);
  if (file === undefined) return [];
  try {
    return listenersIn(() => {
      const piece = Buffer.alloc(PIECE);
      return piece.toString('latin1', 0, readSync(file, piece));
    });
  } finally {
    closeSync(file);
  }
}

/** @param next the next piece of the table; empty at its end */
function listenersIn(next: () => string): readonly Listener[] {
  const found: Listener[] = [];
  let rest = '';
  for (let piece = next(); piece !== ''; piece = next()) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [number, address = '', , state, queues = ''] = line.trim().split(/\s+/, 5);
      if (number === 'sl') continue;
      if (state !== LISTEN) return found;
      found.push({ address, waiting: Number.parseInt(queues.split(':')[1] ?? '', 16) });
    }
  }
  return found;
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
