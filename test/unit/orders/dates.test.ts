import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findZone, parseDate, rangeEnd, rangeStart, UTC, type Zone } from '../../../src/orders/dates.js';

const zone = (name: string): Zone => {
  const found = findZone(name);
  if (found === undefined) throw new Error(`no zone ${name}`);
  return found;
};
const from = (text: string, name: string): string => {
  const date = parseDate(text);
  if (date === undefined) throw new Error(`not a date: ${text}`);
  return rangeStart(date, zone(name)).toISOString().replace('.000Z', 'Z');
};
const to = (text: string, name: string): string => {
  const date = parseDate(text);
  if (date === undefined) throw new Error(`not a date: ${text}`);
  return rangeEnd(date, zone(name)).toISOString().replace('.000Z', 'Z');
};

describe('a day in a store', () => {
  it.each([
    // Ordinary days, in winter and in summer.
    ['America/Los_Angeles', '2026-01-15', '2026-01-15T08:00:00Z', '2026-01-16T08:00:00Z'],
    ['America/Los_Angeles', '2026-07-15', '2026-07-15T07:00:00Z', '2026-07-16T07:00:00Z'],
    ['Europe/London', '2026-01-15', '2026-01-15T00:00:00Z', '2026-01-16T00:00:00Z'],
    ['Europe/London', '2026-07-15', '2026-07-14T23:00:00Z', '2026-07-15T23:00:00Z'],
    ['Australia/Sydney', '2026-01-15', '2026-01-14T13:00:00Z', '2026-01-15T13:00:00Z'],
    ['Australia/Sydney', '2026-07-15', '2026-07-14T14:00:00Z', '2026-07-15T14:00:00Z'],
    ['UTC', '2026-07-15', '2026-07-15T00:00:00Z', '2026-07-16T00:00:00Z'],
    ['Asia/Kathmandu', '2026-07-15', '2026-07-14T18:15:00Z', '2026-07-15T18:15:00Z'],
    ['Australia/Lord_Howe', '2026-01-15', '2026-01-14T13:00:00Z', '2026-01-15T13:00:00Z'],
    ['Australia/Lord_Howe', '2026-07-15', '2026-07-14T13:30:00Z', '2026-07-15T13:30:00Z'],
    // 23 hours where clocks go forward, 25 where they go back.
    ['America/Los_Angeles', '2026-03-08', '2026-03-08T08:00:00Z', '2026-03-09T07:00:00Z'],
    ['America/Los_Angeles', '2026-11-01', '2026-11-01T07:00:00Z', '2026-11-02T08:00:00Z'],
    ['Europe/London', '2026-03-29', '2026-03-29T00:00:00Z', '2026-03-29T23:00:00Z'],
    ['Europe/London', '2026-10-25', '2026-10-24T23:00:00Z', '2026-10-26T00:00:00Z'],
    ['Australia/Sydney', '2026-10-04', '2026-10-03T14:00:00Z', '2026-10-04T13:00:00Z'],
    ['Australia/Sydney', '2026-04-05', '2026-04-04T13:00:00Z', '2026-04-05T14:00:00Z'],
    // Half an hour less and more.
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30:00Z', '2026-10-04T13:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00Z', '2026-04-05T13:30:00Z'],
    // Clocks went forward at midnight: the day began at one.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
    // Clocks went back from one to midnight: the day had two midnights and began with the first.
    ['America/Havana', '2025-11-02', '2025-11-02T04:00:00Z', '2025-11-03T05:00:00Z'],
  ])('%s %s lasts from %s to %s', (name, day, start, end) => {
    expect([from(day, name), to(day, name)]).toEqual([start, end]);
  });

  it('ends where the next one starts, in every zone and all year round', () => {
    const names = [
      'America/Los_Angeles',
      'Europe/London',
      'Australia/Sydney',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/Havana',
      'America/Sao_Paulo',
      'Africa/Casablanca',
      'Pacific/Chatham',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.integer({ min: 0, max: 12_000 }), (name, day) => {
        const text = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10);
        const start = 365 * 2 + day;
        expect(to(text(start), name)).toBe(from(text(start + 1), name));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a local time', () => {
  it('that clocks jump over means the moment of the jump', () => {
    expect(from('2026-03-08T02:30', 'America/Los_Angeles')).toBe('2026-03-08T10:00:00Z');
    expect(to('2026-03-08T02:30', 'America/Los_Angeles')).toBe('2026-03-08T10:00:00Z');
    expect(from('2026-10-04T02:15', 'Australia/Lord_Howe')).toBe('2026-10-03T15:30:00Z');
  });

  it('that comes twice starts a range at its first and ends one at its second occurrence', () => {
    expect(from('2026-11-01T01:30', 'America/Los_Angeles')).toBe('2026-11-01T08:30:00Z');
    expect(to('2026-11-01T01:30', 'America/Los_Angeles')).toBe('2026-11-01T09:30:00Z');
    expect(from('2026-10-25 01:15:00', 'Europe/London')).toBe('2026-10-25T00:15:00Z');
    expect(to('2026-10-25 01:15:00', 'Europe/London')).toBe('2026-10-25T01:15:00Z');
  });

  it('is what the clocks of the zone show then', () => {
    const show = (name: string, instant: Date): string => {
      const shifted = instant.getTime() + zone(name).offsetAt(instant.getTime());
      return new Date(shifted).toISOString().slice(0, 19);
    };
    expect(show('Asia/Kathmandu', new Date(from('2026-05-05T13:37:11', 'Asia/Kathmandu')))).toBe(
      '2026-05-05T13:37:11',
    );
    expect(show('Europe/London', new Date(from('2026-05-05T13:37:11', 'Europe/London')))).toBe(
      '2026-05-05T13:37:11',
    );
  });
});

describe('a time with an offset', () => {
  it('is the same instant in every store', () => {
    for (const name of ['UTC', 'Australia/Sydney']) {
      expect(from('2026-01-31T14:00:00Z', name)).toBe('2026-01-31T14:00:00Z');
      expect(from('2026-01-31T14:00:00+05:45', name)).toBe('2026-01-31T08:15:00Z');
      expect(to('2026-01-31T14:00-0800', name)).toBe('2026-01-31T22:00:00Z');
    }
  });

  it('is raised to the whole second, as Order Desk keeps no parts of one', () => {
    expect(from('2026-01-31T14:00:00.001Z', 'UTC')).toBe('2026-01-31T14:00:01Z');
    expect(from('2026-01-31T14:00:00.000Z', 'UTC')).toBe('2026-01-31T14:00:00Z');
  });
});

describe('what is not a date', () => {
  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '2026-1-1',
    '2026-01-01T24:00',
    '2026-01-01T12:60',
    '2026-01-01T12',
    '2026-01-01Z',
    '2026-01-01T12:00+15:00',
    '2026-01-01T12:00:00Z; drop',
    '1969-01-01',
    '20260101',
    '1767225600',
  ])('%j is refused', (text) => {
    expect(parseDate(text)).toBeUndefined();
  });
});

describe('a zone', () => {
  it('nobody knows is undefined, and UTC is never ahead', () => {
    expect(findZone('Mars/Olympus')).toBeUndefined();
    expect(findZone('')).toBeUndefined();
    expect(UTC.offsetAt(Date.parse('2026-07-01T00:00:00Z'))).toBe(0);
  });
});
