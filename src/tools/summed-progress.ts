/** The progress of several readings as one: their sum, which never stands still nor goes back. */
import type { CallContext } from '../mcp/catalogue.js';

export interface PartOfProgress {
  readonly report: CallContext['progress'];
  /** No more will come of this part. */
  end(): void;
}

interface State {
  readonly done: number;
  /** `undefined` while it is not known. */
  readonly total: number | undefined;
}

/** A total is told once that of every part is known. */
export function summedProgress(ctx: Pick<CallContext, 'progress'>, count: number) {
  const parts = Array.from({ length: count }, (): State => ({ done: 0, total: undefined }));
  let told = Number.NEGATIVE_INFINITY;

  function totalOfAll(): number | undefined {
    let sum = 0;
    for (const { total } of parts) {
      if (total === undefined) return undefined;
      sum += total;
    }
    return sum;
  }

  async function report(index: number, done: number, total: number | undefined): Promise<void> {
    parts[index] = { done: Math.max(done, parts[index]?.done ?? 0), total };
    const sum = parts.reduce((all, each) => all + each.done, 0);
    if (sum <= told) return;
    told = sum;
    await ctx.progress(sum, totalOfAll());
  }

  return {
    part: (index: number): PartOfProgress => ({
      report: (done, total) => report(index, done, total),
      end() {
        const done = parts[index]?.done ?? 0;
        parts[index] = { done, total: done };
      },
    }),
  };
}
