/** Messages of one event stream, in order, between the handler that writes them and the reply that sends them. */
export class MessageQueue implements AsyncIterable<string> {
  readonly #pending: string[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  push(message: string): void {
    this.#pending.push(message);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    for (;;) {
      const next = this.#pending.shift();
      if (next !== undefined) {
        yield next;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
