import { describe, expect, it } from 'vitest';
import { formatUtc, localClock, readDate } from '../../../src/sandbox/dates.js';

describe('dates in requests', () => {
  it.each([
    ['2026-03-01', '2026-03-01 00:00:00', true],
    ['2026-03-01 14:05:09', '2026-03-01 14:05:09', false],
    ['2026-03-01 14:05', '2026-03-01 14:05:00', false],
    ['2026-03-01T14:05:09', '2026-03-01 14:05:09', false],
    ['2026-03-01T14:05:09.123Z', '2026-03-01 14:05:09', false],
  ])('%s is understood', (text, wallClock, bare) => {
    const date = readDate(text);
    expect(date && formatUtc(date.wallClock)).toBe(wallClock);
    expect(date?.bare).toBe(bare);
  });

  it.each(['', 'yesterday', '2026-02-30', '2026-13-01', '2026-01-01 25:00:00', '01/02/2026', '2026-1-2'])(
    '%j is not',
    (text) => {
      expect(readDate(text)).toBeUndefined();
    },
  );

  it('reads the offset of a zone', () => {
    expect(readDate('2026-03-01T00:00:00+05:30')?.zone).toBe(5.5 * 3_600_000);
    expect(readDate('2026-03-01T00:00:00-0800')?.zone).toBe(-8 * 3_600_000);
    expect(readDate('2026-03-01 00:00:00')?.zone).toBeUndefined();
  });
});

describe("a store's wall clock", () => {
  const inUtc = (timeZone: string, text: string) => {
    const date = readDate(text);
    return date && formatUtc(localClock(timeZone)(date.wallClock));
  };

  it.each([
    ['America/Los_Angeles', '2026-01-15 08:00:00', '2026-01-15 16:00:00'],
    ['America/Los_Angeles', '2026-07-15 08:00:00', '2026-07-15 15:00:00'],
    ['Europe/Berlin', '2026-07-15 00:00:00', '2026-07-14 22:00:00'],
    ['Asia/Kolkata', '2026-07-15 00:00:00', '2026-07-14 18:30:00'],
    ['UTC', '2026-07-15 00:00:00', '2026-07-15 00:00:00'],
  ])('in %s, %s is %s UTC', (zone, local, utc) => {
    expect(inUtc(zone, local)).toBe(utc);
  });

  it('means the first of two equal times when the clock is set back', () => {
    expect(inUtc('America/Los_Angeles', '2026-11-01 01:30:00')).toBe('2026-11-01 08:30:00');
    expect(inUtc('Europe/Berlin', '2026-10-25 02:30:00')).toBe('2026-10-25 00:30:00');
  });

  it('jumps over the time that is skipped when the clock is set forward', () => {
    expect(inUtc('America/Los_Angeles', '2026-03-08 02:30:00')).toBe('2026-03-08 10:30:00');
    expect(inUtc('America/Los_Angeles', '2026-03-08 03:30:00')).toBe('2026-03-08 10:30:00');
  });

  it('refuses a zone that is not known', () => {
    expect(() => localClock('Mars/Olympus')).toThrow(RangeError);
  });
});
