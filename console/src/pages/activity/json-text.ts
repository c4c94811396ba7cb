/**
 * Formats JSON for reading without changing a character of its values; truncated JSON is formatted as far as it goes.
 */

const INDENT = '  ';

/** @param text JSON, complete or truncated; anything else is returned unchanged */
export function formatJson(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  let out = '';
  let depth = 0;
  const lineBreak = () => `\n${INDENT.repeat(depth)}`;
  // Strings, punctuation, and everything else (numbers, words, a truncated string).
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}[\],:]|[^\s{}[\],:]+/gs)) {
    if (token === '{' || token === '[') {
      depth += 1;
      out += token + lineBreak();
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1);
      // Empty brackets stay together.
      out = /[[{]\s*$/.test(out) ? out.trimEnd() + token : out + lineBreak() + token;
    } else if (token === ',') {
      out += token + lineBreak();
    } else {
      out += token === ':' ? ': ' : token;
    }
  }
  return out;
}
