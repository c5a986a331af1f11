/**
 * Turns calls away while the event loop cannot keep up, so that those already taken get done. One long pause is over
 * by the time it is seen and refusing calls after it would help nobody, so only pressure that lasts counts.
 */
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.js';

export interface LoopSample {
  /** Mean delay of the event loop during the sample, in milliseconds. */
  readonly delayMs: number;
  /** Share of the sample in which the loop was busy. */
  readonly utilization: number;
}

export interface PressureLimits {
  readonly maxDelayMs: number;
  readonly maxUtilization: number;
}

export const SAMPLE_MS = 1_000;
/** Samples in a row over a limit that make pressure. One below it ends it. */
const LASTING_SAMPLES = 3;

export class Pressure {
  readonly #limits: PressureLimits;
  #samplesOver = 0;
  #latest: LoopSample | undefined;

  constructor(limits: PressureLimits) {
    this.#limits = limits;
  }

  get lasts(): boolean {
    return this.#samplesOver >= LASTING_SAMPLES;
  }

  /** `undefined` before the first. */
  get latest(): LoopSample | undefined {
    return this.#latest;
  }

  add({ delayMs, utilization }: LoopSample): void {
    this.#latest = { delayMs, utilization };
    const over = delayMs > this.#limits.maxDelayMs || utilization > this.#limits.maxUtilization;
    this.#samplesOver = over ? this.#samplesOver + 1 : 0;
  }
}

/** Gives `pressure` a sample a second until the server closes. */
export async function sampleEventLoop(app: FastifyInstance, pressure: Pressure): Promise<void> {
  // Measures only: without thresholds the plugin refuses nothing.
  await app.register(underPressure, { sampleInterval: SAMPLE_MS, eventLoopUtilizationMode: 'interval' });
  const timer = setInterval(() => {
    const { eventLoopDelay, eventLoopUtilized } = app.memoryUsage();
    // A window in which the plugin took no sample has a mean that is no number.
    const delayMs = Number.isFinite(eventLoopDelay) ? eventLoopDelay : 0;
    pressure.add({ delayMs, utilization: eventLoopUtilized });
  }, SAMPLE_MS);
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
}

/**
 * A hook for the routes that may be refused.
 * @param onShed told of each refusal
 */
export function shedding(pressure: Pick<Pressure, 'lasts'>, onShed: () => void): () => Promise<void> {
  return async () => {
    if (!pressure.lasts) return;
    onShed();
    throw new AppError('overloaded', undefined, { retryAfterS: LASTING_SAMPLES });
  };
}
