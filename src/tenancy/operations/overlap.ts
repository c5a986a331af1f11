import { z } from 'zod';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const isUnit = (text: string): text is keyof typeof UNIT_MS => Object.hasOwn(UNIT_MS, text);

const LONGEST_MS = 30 * UNIT_MS.d;

/** How long two keys hold at once, as an operator writes it: `30m`, `24h`, `7d`. In milliseconds afterwards. */
export const overlapInput = z
  .string('must be a time such as 24h')
  .trim()
  .default('24h')
  .transform((text, context) => {
    const [, digits = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
    const ms = isUnit(unit) ? Number(digits) * UNIT_MS[unit] : Number.NaN;
    if (ms <= LONGEST_MS) return ms;
    context.addIssue('must be minutes, hours or days such as 30m, 24h or 7d, at most 30d');
    return z.NEVER;
  });
