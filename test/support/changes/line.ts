/** A line to a database that can be cut, held up or robbed of an answer: what a net between two hosts may do. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Line {
  /** The address that was given, by way of this line. */
  readonly url: string;
  /** Resets what is connected and refuses what comes, until `restore`. */
  cut(): void;
  /** Carries nothing any more in either direction, and resets nothing, until `restore`. */
  hold(): void;
  /**
   * Carries the statement with this number of those that match, and cuts before its answer.
   * @param number from 1, counted from now on
   */
  cutAfter(statement: string, number: number): void;
  restore(): void;
  close(): Promise<void>;
}

type State = 'open' | 'cut' | 'held';

/** How long the other side has for what was carried last, before its answer is thrown away. Milliseconds. */
const CARRIED_OUT_MS = 100;

/** @param target the address of a Postgres without TLS */
export async function startLine(target: string): Promise<Line> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: State = 'open';
  let awaited: { readonly statement: string; left: number } | undefined;

  const drop = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  const cut = (): void => {
    state = 'cut';
    drop();
  };

  /** Whether this is the statement that was waited for. */
  function isAwaited(chunk: Buffer): boolean {
    if (awaited === undefined || !chunk.includes(`${awaited.statement}\0`)) return false;
    awaited.left -= 1;
    return awaited.left === 0;
  }

  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    let isRobbed = false;
    for (const [socket, other] of [pair, [far, near] as const]) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
    }
    near.on('data', (chunk) => {
      if (state !== 'open') return;
      far.write(chunk);
      if (!isAwaited(chunk)) return;
      isRobbed = true;
      state = 'held';
      setTimeout(cut, CARRIED_OUT_MS);
    });
    far.on('data', (chunk) => {
      if (state === 'open' && !isRobbed) near.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The line has no port.');
  const url = new URL(target);
  url.port = String(address.port);
  return {
    url: url.href,
    cut,
    hold() {
      state = 'held';
    },
    cutAfter(statement, number) {
      awaited = { statement, left: number };
    },
    restore() {
      awaited = undefined;
      // Half of what was said on a line that was held is lost: nothing can be made of the rest.
      if (state === 'held') drop();
      state = 'open';
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
