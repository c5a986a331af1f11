/** The hidden prompt, at a terminal made of two streams. A terminal echoes by itself unless in raw mode, so that is looked at too. */
import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { readSecret } from '../../../src/cli/prompt-secret.js';

class Terminal {
  readonly rawModes: boolean[] = [];
  readonly #keyboard = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => this.rawModes.push(mode),
  });
  readonly #screen = new PassThrough();

  /** What the prompt uses of a terminal is there; the rest is not. */
  get input(): ReadStream {
    return this.#keyboard as unknown as ReadStream;
  }
  get output(): WriteStream {
    return this.#screen as unknown as WriteStream;
  }

  type(keys: string): void {
    this.#keyboard.write(keys);
  }

  get shown(): string {
    return String(this.#screen.read() ?? '');
  }
}

const answerTo = (terminal: Terminal) => readSecret('Order Desk API key', terminal.input, terminal.output);

describe('the prompt for a secret', () => {
  it('gives what was typed and shows none of it', async () => {
    const terminal = new Terminal();
    const answer = answerTo(terminal);
    terminal.type('made-up-key\r');
    expect(await answer).toBe('made-up-key');
    expect(terminal.shown).toBe('Order Desk API key (input hidden): \n');
  });

  it('takes the echo from the terminal and gives it back', async () => {
    const terminal = new Terminal();
    const answer = answerTo(terminal);
    expect(terminal.rawModes).toEqual([true]);
    terminal.type('made-up-key\r');
    await answer;
    expect(terminal.rawModes).toEqual([true, false]);
  });

  it('minds the backspace, and drops blanks around a pasted key', async () => {
    const terminal = new Terminal();
    const answer = answerTo(terminal);
    terminal.type('  made-up-kex\x7fy \r');
    expect(await answer).toBe('made-up-key');
  });

  it.each(['\r', '   \r'])('refuses an empty answer: %j', async (keys) => {
    const terminal = new Terminal();
    const answer = answerTo(terminal);
    terminal.type(keys);
    await expect(answer).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it.each(['\x03', '\x04'])('ends quietly when the person gives up: %j', async (keys) => {
    const terminal = new Terminal();
    const answer = answerTo(terminal);
    terminal.type(keys);
    await expect(answer).rejects.toMatchObject({ code: 'cancelled', message: 'Nothing was stored.' });
    expect(terminal.rawModes.at(-1)).toBe(false);
  });
});
