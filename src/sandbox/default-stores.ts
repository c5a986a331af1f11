/** The stores of the demo. Their keys open nothing but a sandbox and are meant to be read. */
import type { SandboxStoreOptions } from './store.js';

export const defaultSandboxStores = [
  {
    id: '10001',
    apiKey: 'sandbox-key-for-store-10001',
    name: 'Juniper & Oak (sandbox)',
    timeZone: 'America/Los_Angeles',
    country: 'US',
    locale: 'en_US',
    seed: 10001,
  },
  {
    id: '10002',
    apiKey: 'sandbox-key-for-store-10002',
    name: 'Nordlicht Papeterie (sandbox)',
    timeZone: 'Europe/Berlin',
    country: 'DE',
    locale: 'de_DE',
    seed: 10002,
  },
] as const satisfies readonly SandboxStoreOptions[];
