/**
 * Bounds on the shape of a JSON text, found before it is parsed. Code that walks a parsed value calls itself once a
 * level, and a validator works for every value, so few bytes in the worst shape would cost a stack or a second.
 */

/** Levels of arrays and objects within each other. */
export const MOST_LEVELS = 64;
/** Values in one text, counted by the commas between them. */
export const MOST_VALUES = 20_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Which bound a text exceeds, `undefined` for none. Says nothing about whether the text is JSON. */
export function exceededLimit(text: string): 'levels' | 'values' | undefined {
  let levels = 0;
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        levels += 1;
        if (levels > MOST_LEVELS) return 'levels';
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        levels -= 1;
        break;
      case COMMA:
        values += 1;
        if (values > MOST_VALUES) return 'values';
    }
  }
  return undefined;
}

/** Where the string that opens at `start` closes; the end of the text when it does not. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return text.length;
}
