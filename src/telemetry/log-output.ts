/** Where the server's log goes: standard output, which may fail at any time without ending the server. */
import { type DestinationStream, pino } from 'pino';

/** Characters held back while nothing can be written; lines beyond are lost. */
const HELD_BACK = 1024 * 1024;

/** A full disk or a reader that left costs lines, never the process; once there is room again, lines go on. */
export function logOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, maxLength: HELD_BACK });
  output.on('error', () => {});
  return output;
}
