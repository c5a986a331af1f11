/**
 * Connections to a Redis that is there. The product waits 100 ms for a command, which is little where many tests share
 * a machine; only a test about a Redis that hangs has use for that.
 */
import type { Redis } from 'ioredis';
import { connectRedis, type RedisConnectionOptions } from '../../src/redis/connection.js';

const PATIENT_MS = 10_000;
const IMPATIENT_MS = 100;

/** The address for a program that connects by itself: what an address says goes before what the program says. */
export function patientUrl(url: string): string {
  const patient = new URL(url);
  // To ioredis a time-out that is text is none, so only for a Redis that does not hang.
  patient.searchParams.set('commandTimeout', 'none');
  return patient.href;
}

export async function connectPatiently(
  url: string,
  options: RedisConnectionOptions = { onError: () => {} },
): Promise<Redis> {
  const redis = await connectRedis(patientUrl(url), options);
  bePatient(redis);
  return redis;
}

/** For the commands from now on. */
export function bePatient(...connections: readonly Redis[]): void {
  for (const { options } of connections) options.commandTimeout = PATIENT_MS;
}

/** For the commands from now on, as long as Redis hangs. */
export function beImpatient(...connections: readonly Redis[]): void {
  for (const { options } of connections) options.commandTimeout = IMPATIENT_MS;
}
