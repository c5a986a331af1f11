import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { orderDetail, SECTIONS } from '../../../src/orders/detail.js';
import { maskView, unmaskedPart } from '../../../src/orders/mask.js';
import { orderRow, ROW_FIELDS } from '../../../src/orders/row.js';
import type { TenantId } from '../../../src/tenancy/ids.js';
import type { Pseudonym } from '../../../src/tenancy/masker.js';
import { TenantKeys, type WrappedDataKey } from '../../../src/tenancy/vault/data-keys.js';
import { makeMasker } from '../../../src/tenancy/vault/tenant-masker.js';
import { EVERYTHING } from '../../support/scopes.js';
import { ringOf, TENANT_A, TENANT_B } from '../tenancy/support.js';
import { anAddress, anItem, aView } from '../tools/support/orders.js';

const rows = new Map<TenantId, WrappedDataKey>();
const keys = new TenantKeys({
  ring: ringOf('k1'),
  random: randomBytes,
  now: Date.now,
  staleMaxMs: 600_000,
  dataKeys: { find: async (tenantId) => rows.get(tenantId) },
});
for (const tenantId of [TENANT_A, TENANT_B]) rows.set(tenantId, keys.make(tenantId));
const masker = makeMasker(keys);

async function pseudonymOf(tenantId: TenantId): Promise<Pseudonym> {
  const pseudonym = await masker.of({ tenantId, scope: { ...EVERYTHING, mask: true } });
  if (pseudonym === undefined) throw new Error('a masked scope was not masked');
  return pseudonym;
}

const person = (mark: string) =>
  anAddress({
    firstName: `${mark}First`,
    lastName: `${mark}Last`,
    company: `${mark}Company`,
    lines: [`${mark}Street 1`, `${mark}Street 2`],
    phone: `${mark}555`,
  });
const text = (mark: string) => ({ at: '2026-01-08T12:10:00Z', by: `${mark}By`, text: `call ${mark}Text` });

const seeded = aView({
  email: 'zqMail@example.com',
  customerId: 'zqCustomer@example.com',
  shipping: person('zqShip'),
  customer: person('zqBill'),
  checkoutData: { gift_message: 'for zqGift' },
  metadata: { contact: { name: 'zqMeta' }, list: ['zqList'] },
  notes: [text('zqNote')],
  history: [text('zqHistory')],
  items: [anItem({ metadata: { engraving: 'zqItem' } })],
});

const shown = (view: typeof seeded): string =>
  JSON.stringify([orderRow(view, () => null, ROW_FIELDS), orderDetail(view, () => null, SECTIONS, 20_000)]);

describe('a masked order', () => {
  it('keeps nothing of the people in it, in rows and in details', async () => {
    expect(shown(seeded).match(/zq\w+/g)?.length).toBeGreaterThan(20);
    expect(shown(maskView(seeded, await pseudonymOf(TENANT_A))).match(/zq\w+/gi)).toBeNull();
  });

  it('keeps the place, the goods and the money', async () => {
    const row = orderRow(maskView(seeded, await pseudonymOf(TENANT_A)), () => null, [
      'ship_to',
      'items',
      'totals',
    ]);
    expect(row).toMatchObject({
      city: 'Springfield',
      country: 'US',
      total: '22.17',
      ship_to: { city: 'Springfield', state: 'OR', postal_code: '97477', country: 'US' },
      items: [{ code: 'SHIRT-BLACK', name: 'Black shirt', variations: { Size: 'Large' } }],
    });
  });

  it('names everybody by a pseudonym of a known form, once for the whole name', async () => {
    const row = orderRow(maskView(seeded, await pseudonymOf(TENANT_A)), () => null, ROW_FIELDS);
    expect(row).toMatchObject({
      name: expect.stringMatching(/^name-[0-9a-f]{8}$/),
      email: expect.stringMatching(/^mail-[0-9a-f]{8}$/),
      phone: expect.stringMatching(/^phone-[0-9a-f]{8}$/),
      company: expect.stringMatching(/^company-[0-9a-f]{8}$/),
      ship_to: { lines: [expect.stringMatching(/^street-/), expect.stringMatching(/^street-/)] },
      notes: [{ by: '[masked]', text: '[masked]' }],
      checkout_data: { gift_message: '[masked]' },
      metadata: { contact: '[masked]', list: '[masked]' },
    });
  });

  it('has the same pseudonyms every time, whatever the case, and others for other people', async () => {
    const pseudonym = await pseudonymOf(TENANT_A);
    const again = await pseudonymOf(TENANT_A);
    expect(maskView(seeded, again)).toEqual(maskView(seeded, pseudonym));
    const mail = (email: string) => maskView(aView({ email }), pseudonym).email;
    expect(mail(' ADA@example.com')).toBe(mail('ada@example.com'));
    expect(mail('bob@example.com')).not.toBe(mail('ada@example.com'));
  });

  it('has other pseudonyms at another tenant', async () => {
    const [a, b] = await Promise.all([pseudonymOf(TENANT_A), pseudonymOf(TENANT_B)]);
    const [atA, atB] = [maskView(seeded, a), maskView(seeded, b)];
    expect(atA.email).not.toBe(atB.email);
    expect(atA.shipping.lastName).not.toBe(atB.shipping.lastName);
  });

  it('leaves absent what is absent', async () => {
    const nobody = anAddress({ firstName: null, lastName: null, company: null, phone: null, lines: [] });
    const masked = maskView(
      aView({ email: null, customerId: null, shipping: nobody }),
      await pseudonymOf(TENANT_A),
    );
    expect(masked).toMatchObject({ email: null, customerId: null, shipping: nobody });
  });
});

describe('a scope without masking', () => {
  it('gets no pseudonyms', async () => {
    expect(await masker.of({ tenantId: TENANT_A, scope: EVERYTHING })).toBeUndefined();
  });
});

describe('the part of an order that is not masked', () => {
  const texts = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(texts)
        : [];
  const view = aView({
    email: 'zqmail@example.com',
    customerId: 'zqid@example.com',
    shipping: person('zqShip'),
    customer: person('zqBill'),
    checkoutData: { gift: 'zqGift' },
    metadata: { contact: 'zqMeta' },
    notes: [text('zqNote')],
    history: [text('zqHistory')],
    items: [anItem({ metadata: { engraving: 'zqItem' } })],
  });

  it('holds nothing that is masked, nor what stands in its place', async () => {
    const pseudonym = await pseudonymOf(TENANT_A);
    const masked = new Set(texts(maskView(view, pseudonym)));
    const whole = new Set(texts(view));
    const part = texts(unmaskedPart(view));
    expect(part.filter((each) => each.includes('zq'))).toEqual([]);
    expect(part.filter((each) => !masked.has(each) || !whole.has(each))).toEqual([]);
    expect(part).toEqual(
      expect.arrayContaining(['Springfield', '97477', 'Black shirt', 'Large', '412218073']),
    );
  });
});
