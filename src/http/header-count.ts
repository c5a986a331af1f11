/** Node keeps the first of several headers of a name and drops the others, so only the raw list shows that there were. */
import type { IncomingMessage } from 'node:http';

/** @param name in lower case */
export function countHeader({ rawHeaders }: IncomingMessage, name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) count += 1;
  }
  return count;
}
