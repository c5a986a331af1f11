/** Pseudonyms under a key of the tenant's own: whoever lacks it can neither undo one nor try values out against it. */
import { createHmac } from 'node:crypto';
import type { Masker } from '../masker.js';
import type { TenantKeys } from './data-keys.js';

/** Hexadecimal digits: short to read, and some 9,000 customers until two of them are as likely as one in a hundred to meet. */
const DIGITS = 8;

export const makeMasker = (keys: Pick<TenantKeys, 'purposeKey'>): Masker => ({
  async of({ tenantId, scope }) {
    if (!scope.mask) return undefined;
    const key = await keys.purposeKey(tenantId, 'mask');
    return (kind, value) =>
      `${kind}-${createHmac('sha256', key).update(`${kind}|${value}`).digest('hex').slice(0, DIGITS)}`;
  },
});
