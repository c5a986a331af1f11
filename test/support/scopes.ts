import { NO_CONFIRMATIONS, type Scope } from '../../src/tenancy/principal.js';

/** Of a key that was made without any limit. */
export const EVERYTHING: Scope = {
  stores: 'all',
  toolsets: 'standard',
  exclude: [],
  readOnly: false,
  mask: false,
  dailyWriteCap: null,
  confirm: NO_CONFIRMATIONS,
};
