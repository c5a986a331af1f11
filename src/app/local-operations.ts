/** The operations of the command line in its own process: on the database itself, without a server. */
import { createLogger } from '../telemetry/logger.js';
import type { Operations } from '../tenancy/operations/index.js';
import { type AppConfig, openFoundation, openUpstream } from './foundation.js';
import { createServices } from './services.js';

export interface LocalOperations {
  readonly operations: Operations;
  close(): Promise<void>;
}

/** @throws DataDirInUse when a server runs on the folder */
export async function openLocalOperations(config: AppConfig): Promise<LocalOperations> {
  const log = createLogger({ level: 'silent', pretty: false });
  const foundation = await openFoundation(config, log);
  const upstream = await openUpstream(config);
  const services = createServices(foundation, upstream, config, log, {});
  return {
    operations: services.operations,
    async close() {
      await services.close();
      await upstream.close();
      await foundation.close();
    },
  };
}
