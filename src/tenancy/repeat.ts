/** Runs a task again and again, each time a pause after the last run ended. It does not keep the process alive. */

export interface Repeater {
  /** Resolves when a run that is under way has ended; no other begins. */
  stop(): Promise<void>;
}

/** @param pauseMs drawn anew for each pause where it is a function, so that replicas do not keep step */
export function repeat(pauseMs: number | (() => number), task: () => Promise<void>): Repeater {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(
      () => {
        running = task().finally(schedule);
      },
      typeof pauseMs === 'number' ? pauseMs : pauseMs(),
    );
    timer.unref();
  };
  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
