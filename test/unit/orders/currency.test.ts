import { describe, expect, it } from 'vitest';
import { assumedCurrency } from '../../../src/orders/currency.js';

describe('the currency of a store', () => {
  it.each([
    ['en_US', 'US', 'USD'],
    ['en_US', null, 'USD'],
    ['en-GB', 'GB', 'GBP'],
    ['de_DE', 'AT', 'EUR'],
    ['en_AU.UTF-8', 'au', 'AUD'],
    ['zh_Hant_TW', null, 'TWD'],
    // A country that is not written as a code says nothing.
    ['en_US', 'United States', 'USD'],
  ])('of locale %s in %s is assumed to be %s', (locale, country, expected) => {
    expect(assumedCurrency({ locale, country })).toBe(expected);
  });

  it.each([
    [null, 'US'],
    ['en', 'US'],
    ['', 'US'],
    ['en_QQ', null],
    ['english', 'US'],
    // The two contradict each other.
    ['en_US', 'GB'],
    ['en_QQ', 'GB'],
  ])('is not guessed from locale %s in %s', (locale, country) => {
    expect(assumedCurrency({ locale, country })).toBeUndefined();
  });
});
