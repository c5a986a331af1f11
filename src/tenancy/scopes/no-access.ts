import { NO_CONFIRMATIONS, type Scope } from '../principal.js';

/** Allows nothing at all: stands where a scope cannot be read. */
export const NO_ACCESS: Scope = {
  stores: [],
  toolsets: [],
  exclude: [],
  readOnly: true,
  mask: true,
  dailyWriteCap: 0,
  confirm: NO_CONFIRMATIONS,
};
