/** Lays JSON out for reading without changing a character of its values; what was cut off is laid out as far as it goes. */

const INDENT = '  ';

/** @param text JSON, whole or cut; anything else comes back as it is */
export function layOutJson(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  let out = '';
  let depth = 0;
  const lineBreak = () => `\n${INDENT.repeat(depth)}`;
  // Strings, punctuation, and everything else (numbers, words, a string that was cut).
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}[\],:]|[^\s{}[\],:]+/gs)) {
    if (token === '{' || token === '[') {
      depth += 1;
      out += token + lineBreak();
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1);
      // Nothing between the brackets: they stay together.
      out = /[[{]\s*$/.test(out) ? out.trimEnd() + token : out + lineBreak() + token;
    } else if (token === ',') {
      out += token + lineBreak();
    } else {
      out += token === ':' ? ': ' : token;
    }
  }
  return out;
}
