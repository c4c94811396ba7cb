/**
 * Scans the bytes of a JSON body as they arrive, before anything is parsed, for its nesting depth and its number of
 * values, which determine the cost of parsing. Ignores whether the body is valid.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const NINE = 0x39;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const ZERO = 0x30;

/** A double represents every integer of fifteen digits. */
const LONG_NUMBER_DIGITS = 16;
// Up to this length a loop finds the end of a string sooner than a call of `indexOf`.
const SHORT_STRING = 32;

export class JsonScan {
  /** The deepest nesting so far. */
  depth = 0;
  /**
   * Values so far in objects and arrays; each object and array counts once more, since it costs more. Off by one if one
   * is empty.
   */
  values = 0;
  /**
   * Whether a run of sixteen digits or more occurred outside of strings: a number that a double may not represent
   * exactly.
   */
  hasLongNumber = false;
  #level = 0;
  #digits = 0;
  #isInString = false;
  /** The previous byte was a backslash that escapes the next one. */
  #isEscaped = false;

  /** Scans the next bytes; they may begin and end anywhere, even within a character. */
  take(bytes: Uint8Array): void {
    const { length } = bytes;
    let index = 0;
    if (this.#isInString) index = this.#skipString(bytes, 0);
    let digits = this.#digits;
    while (index < length) {
      const byte = bytes[index] as number;
      index += 1;
      if (byte >= ZERO && byte <= NINE) {
        digits += 1;
        if (digits === LONG_NUMBER_DIGITS) this.hasLongNumber = true;
        continue;
      }
      digits = 0;
      if (byte === QUOTE) {
        this.#isInString = true;
        index = this.#skipString(bytes, index);
      } else if (byte === COMMA) this.values += 1;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.values += 1;
        this.#level += 1;
        if (this.#level > this.depth) this.depth = this.#level;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) this.#level -= 1;
    }
    this.#digits = digits;
  }

  /** Continues within a string. @returns the index after its closing quote, or the length if that has not arrived */
  #skipString(bytes: Uint8Array, start: number): number {
    const { length } = bytes;
    let index = start;
    if (this.#isEscaped && index < length) {
      index += 1;
      this.#isEscaped = false;
    }
    for (;;) {
      const near = Math.min(length, index + SHORT_STRING);
      while (index < near) {
        const byte = bytes[index] as number;
        index += 1;
        if (byte === QUOTE) {
          this.#isInString = false;
          return index;
        }
        if (byte === BACKSLASH) index += 1;
      }
      if (index >= length) {
        this.#isEscaped = index > length;
        return length;
      }
      const quote = bytes.indexOf(QUOTE, index);
      const end = quote === -1 ? length : quote;
      const isEscaped = endsInOddBackslashes(bytes, index, end);
      if (quote === -1) {
        this.#isEscaped = isEscaped;
        return length;
      }
      index = quote + 1;
      if (!isEscaped) {
        this.#isInString = false;
        return index;
      }
    }
  }
}

/** Whether an odd number of backslashes precedes `end`, where none before `start` is an escape. */
function endsInOddBackslashes(bytes: Uint8Array, start: number, end: number): boolean {
  let index = end;
  while (index > start && bytes[index - 1] === BACKSLASH) index -= 1;
  return (end - index) % 2 === 1;
}
