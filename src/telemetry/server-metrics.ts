/** What is said of the server as a whole: what runs, whether it is ready, what it lacks, what it failed at. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { ERROR_TABLE } from '../errors.js';
import { DEGRADABLE, type ServerMetrics } from './port.js';

export interface Build {
  readonly version: string;
  /** Of the sources it was built from; `unknown` where nobody told. */
  readonly commit: string;
}

export function createServerMetrics(registry: Registry, { version, commit }: Build): ServerMetrics {
  const registers = [registry];
  const errors = new Counter({
    name: 'errors_total',
    help: 'Failures that were answered, by whose making they were and by code.',
    labelNames: ['type', 'code'],
    registers,
  });
  for (const [code, { source: type }] of Object.entries(ERROR_TABLE)) errors.inc({ type, code }, 0);
  new Gauge({
    name: 'build_info',
    help: 'Always 1; the labels say what is running.',
    labelNames: ['version', 'node', 'commit'],
    registers,
  }).set({ version, node: process.version, commit }, 1);
  const ready = new Gauge({
    name: 'server_ready',
    help: 'Whether the server is ready for requests: 1 or 0.',
    registers,
  });
  const degraded = new Gauge({
    name: 'server_degraded',
    help: '1 for each part that the server does without at the moment, 0 for the others.',
    labelNames: ['part'],
    registers,
  });
  for (const part of DEGRADABLE) degraded.set({ part }, 0);
  return {
    countError(error) {
      errors.inc({ type: error.class.source, code: error.code });
    },
    setReady(isReady) {
      ready.set(isReady ? 1 : 0);
    },
    setDegraded(part, isDegraded) {
      degraded.set({ part }, isDegraded ? 1 : 0);
    },
  };
}
