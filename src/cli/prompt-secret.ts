/** Reads a secret without showing it: from a prompt at a terminal, else from standard input. Never from an argument. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { AppError } from '../errors.js';

/** Longer input is no key. */
const MOST_BYTES = 4_096;

export async function readSecret(
  label: string,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<string> {
  const text = input.isTTY === true ? await promptHidden(label, input, output) : await readAll(input);
  const secret = text.trim();
  if (secret !== '') return secret;
  throw new AppError('invalid_argument', `${label}: nothing was entered.`, {
    hint: 'Type it at the prompt, or pipe it in on standard input.',
  });
}

async function promptHidden(
  label: string,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<string> {
  // readline echoes what is typed to its output, so that goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  output.write(`${label} (input hidden): `);
  const lines = createInterface({ input, output: nowhere, terminal: true });
  try {
    return await lines.question('');
  } catch (thrown) {
    // Ctrl-C or Ctrl-D.
    if (!(thrown instanceof Error && thrown.name === 'AbortError')) throw thrown;
    throw new AppError('cancelled', 'Nothing was stored.');
  } finally {
    lines.close();
    output.write('\n');
  }
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > MOST_BYTES) throw new AppError('payload_too_large', 'Standard input holds more than a key.');
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
