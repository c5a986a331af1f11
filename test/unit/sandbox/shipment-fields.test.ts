import { describe, expect, it } from 'vitest';
import { guessTrackingUrl } from '../../../src/sandbox/writes/shipment-fields.js';

describe('the address at which a parcel is followed', () => {
  it.each([
    ['UPS', '1Z9', 'https://track.example.com/ups/1Z9'],
    ['', '1Z999AA10123456784', 'https://track.example.com/ups/1Z999AA10123456784'],
    ['', '9400100000000000000000', 'https://track.example.com/usps/9400100000000000000000'],
    ['Deutsche Post', 'a/b', 'https://track.example.com/deutsche%20post/a%2Fb'],
    ['', '123', ''],
    ['UPS', 'n/a', ''],
    ['UPS', 'half a letter \ud83d', 'https://track.example.com/ups/half%20a%20letter%20%EF%BF%BD'],
  ])('carrier %j, number %j: %j', (carrier, number, url) => {
    expect(guessTrackingUrl(carrier, number)).toBe(url);
  });
});
