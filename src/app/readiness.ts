/**
 * Whether this process is to be sent requests, and what it does without at the moment. Postgres, Redis and pressure
 * degrade it and never make it unready: all replicas see the same outage, and a fleet that goes unready together serves
 * nobody, not even what needs neither. Nothing is asked of anybody here: each state is known before a probe comes.
 */
import type { Health, Phase } from '../http/health.js';
import { DEGRADABLE, type Degradable, type ServerMetrics } from '../telemetry/port.js';

export interface ReadinessSources {
  /** `undefined` where no Redis is configured: nothing is missing then. */
  readonly redis: { readonly state: 'away' | 'there' } | undefined;
  readonly database: { readonly databaseAway: boolean };
  readonly pressure: { readonly lasts: boolean };
}

export class Readiness implements Health {
  readonly #sources: ReadinessSources;
  readonly #metrics: Pick<ServerMetrics, 'setReady' | 'setDegraded'>;
  #phase: Phase = 'starting';

  constructor(sources: ReadinessSources, metrics: Pick<ServerMetrics, 'setReady' | 'setDegraded'>) {
    this.#sources = sources;
    this.#metrics = metrics;
    this.show();
  }

  get phase(): Phase {
    return this.#phase;
  }

  get isDraining(): boolean {
    return this.#phase === 'draining';
  }

  get degraded(): readonly Degradable[] {
    const { redis, database, pressure } = this.#sources;
    const parts: Degradable[] = [];
    if (redis?.state === 'away') parts.push('redis');
    if (database.databaseAway) parts.push('postgres');
    if (pressure.lasts) parts.push('pressure');
    return parts;
  }

  /**
   * Configuration, schema and key ring are as they must be. A server that goes down stays unready.
   * @returns whether it is ready now
   */
  becomeReady(): boolean {
    if (this.#phase === 'starting') this.#enter('ready');
    return this.#phase === 'ready';
  }

  beginDraining(): void {
    this.#enter('draining');
  }

  /** Puts it all into the metrics; to be called once in a while. */
  show(): void {
    const { degraded } = this;
    this.#metrics.setReady(this.#phase === 'ready');
    for (const part of DEGRADABLE) this.#metrics.setDegraded(part, degraded.includes(part));
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.show();
  }
}
