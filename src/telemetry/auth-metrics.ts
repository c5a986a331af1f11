/** What is measured of the verification of API keys. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { AUTH_OUTCOMES, type AuthMetrics, type QueueUse } from './port.js';

const IDLE: QueueUse = { running: 0, waiting: 0 };

export function createAuthMetrics(registry: Registry): AuthMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: 'auth_attempts_total',
    help: 'Verifications of API keys by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of AUTH_OUTCOMES) attempts.inc({ outcome }, 0);
  let hashes = () => IDLE;
  new Gauge({
    name: 'auth_hashes',
    help: 'Runs of bcrypt over API keys: those that run, and those that wait for their turn.',
    labelNames: ['state'],
    registers,
    collect() {
      const { running, waiting } = hashes();
      this.set({ state: 'running' }, running);
      this.set({ state: 'waiting' }, waiting);
    },
  });
  return {
    countAuth(outcome) {
      attempts.inc({ outcome });
    },
    watchHashes(use) {
      hashes = use;
    },
  };
}
