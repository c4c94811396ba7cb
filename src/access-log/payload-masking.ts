/** What the access log may keep of a payload: its beginning, never a secret, and with masking no attribute values. */

const HIDDEN = '***';
// Keys, tokens and the like issued here: `rck_` and its siblings; tokens may also contain `-` and `_`.
const SECRET_TEXT = /(?<![0-9A-Za-z])rc[a-z]_[\w-]{4,}/g;
const SECRET_NAME = 'api[_-]?key|authorization|password|secret|token';
const SECRET_MEMBER = new RegExp(
  `("(?:[a-z_-]*(?:${SECRET_NAME}))"\\s*:\\s*)("(?:[^"\\\\]|\\\\.)*(?:"|\\\\?$)|[^\\s",}\\]]+)`,
  'gi',
);
const SECRET_PARAMETER = new RegExp(`([?&;][a-z_-]*(?:${SECRET_NAME})=)[^&#]*`, 'gi');
const SUSPICIOUS = new RegExp(`rc[a-z]_|${SECRET_NAME}`, 'i');
// A needless escape of a printable character: a way to hide a name.
const NEEDLESS_ESCAPE = /(?<!\\)((?:\\\\)*)\\u00([2-7][0-9a-f])/gi;

/** A quick check; false for most texts, in which there is nothing to look for. */
export function mayHoldSecret(text: string): boolean {
  return SUSPICIOUS.test(text) || text.includes('\\u00');
}

/** Removes secrets from a text; anything that looks like one of our keys keeps its first four characters. */
export function withoutSecrets(text: string): string {
  const plain = text.includes('\\u00') ? text.replace(NEEDLESS_ESCAPE, unescape) : text;
  if (!SUSPICIOUS.test(plain)) return text;
  const masked = plain
    .replace(SECRET_MEMBER, `$1"${HIDDEN}"`)
    .replace(SECRET_TEXT, (secret) => `${secret.slice(0, 4)}${HIDDEN}`);
  return masked === plain ? text : masked;
}

function unescape(whole: string, backslashes: string, hex: string): string {
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  return character === '"' || character === '\\' ? whole : backslashes + character;
}

/** True when a body contains a complete key of ours, however it is spelled. */
export function holdsOwnKey(body: Buffer): boolean {
  if (!body.includes('rc') && !body.includes('\\u')) return false;
  const text = body.toString('utf8').replace(NEEDLESS_ESCAPE, unescape);
  return /\brc[a-z]_[0-9A-Za-z]{32,}/.test(text);
}

/**
 * Removes the value of one member, which holds the sender's credential, from a JSON body. Other numbers keep their
 * digits. Nothing is kept of a body that is not JSON, since nobody can tell where its credential is, nor of one that has the
 * credential in another place too.
 * @param path names from the outermost inwards, separated by dots
 */
export function withoutMember(body: Buffer, path: string): Buffer {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8').replace(/^\ufeff/, ''), keepDigits);
  } catch {
    return Buffer.alloc(0);
  }
  let holder = value;
  for (const name of names) holder = memberOf(holder, name);
  const secret = memberOf(holder, last);
  if (secret === undefined) return body;
  (holder as Record<string, unknown>)[last] = HIDDEN;
  const text = JSON.stringify(value);
  // A shorter text may occur in another one by chance.
  const isElsewhere =
    typeof secret === 'string' && secret.length >= 8 && text.includes(JSON.stringify(secret).slice(1, -1));
  return isElsewhere ? Buffer.alloc(0) : Buffer.from(text);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

// Part of ECMAScript 2026, and in Node since 22; TypeScript's declarations lack it.
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** Keeps numbers as they were written: an integer may have more digits than a double holds. */
function keepDigits(_name: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' && source !== undefined ? rawJSON(source) : value;
}

/** Removes secrets from a path and query. */
export function uriWithoutSecrets(uri: string): string {
  const decoded = uri.includes('%') ? uri.replace(/%(5f|[3-7][0-9a-f])/gi, decodeOne) : uri;
  if (!SUSPICIOUS.test(decoded)) return uri;
  const masked = decoded
    .replace(SECRET_PARAMETER, `$1${HIDDEN}`)
    .replace(SECRET_TEXT, (secret) => `${secret.slice(0, 4)}${HIDDEN}`);
  return masked === decoded ? uri : masked;
}

function decodeOne(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return /\w/.test(character) ? character : escape;
}

/** The length in bytes of the longest prefix of `bytes` that is at most `limit` and ends between two characters. */
export function cutLength(bytes: Uint8Array, limit: number): number {
  if (bytes.length <= limit) return bytes.length;
  let end = limit;
  // Continuation bytes of UTF-8; text has at most three in a row, and anything else may be cut anywhere.
  while (end > limit - 4 && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end > limit - 4 ? end : limit;
}

// Members that name things, count them or control the request; everything else in a body may be about a person.
const KEPT_MEMBERS = new Set(
  [
    'customerProfileId integrationId integrationIds profileIntegrationId accountId id',
    'audienceId audienceName audienceMemberships integration name adds deletes action',
    'audience_id audience_name type',
    'runRuleEngine responseContent created lastActivity closedSessions totalSales sandbox',
    'StatusCode RequestUUID title pointer parameter line',
  ].flatMap((names) => names.split(' ')),
);

/** Operations whose whole body is a map of attributes; other bodies have a member with them. */
const BARE_ATTRIBUTES: ReadonlySet<string> = new Set(['updateAudienceCustomersAttributes']);

/**
 * The shape of a JSON text: values are replaced by their types; names and identifiers stay. Tolerates truncated text;
 * nothing is kept of text that is not JSON.
 * @param message replaces the messages of an error response, which may quote values
 * @param operation the operation of a request; in some, attributes are where others have names
 */
export function withoutValues(text: string, message: string | undefined, operation = ''): string {
  return new ShapeWriter(text, message).write(BARE_ATTRIBUTES.has(operation) ? 'attributes' : '');
}

class ShapeWriter {
  readonly #text: string;
  readonly #message: string | undefined;
  #at = 0;
  #out = '';

  constructor(text: string, message: string | undefined) {
    this.#text = text;
    this.#message = message;
  }

  /** @param member the name of the member whose value the text is */
  write(member: string): string {
    const whole = this.#value(member, false);
    if (this.#out === '' && !whole) return this.#text.trim() === '' ? '' : '(no JSON)';
    return this.#out;
  }

  /**
   * Writes one value. @param member its name, or that of its list. @returns false when the text ended or is not JSON
   */
  #value(member: string, attribute: boolean): boolean {
    this.#skipBlanks();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(member, attribute);
    if (first === '[') return this.#array(member, attribute);
    const start = this.#at;
    if (first === '"') {
      if (!this.#skipString()) return false;
    } else {
      const scalar = /(?:true|false|null|-?\d[\d.eE+-]*)/y;
      scalar.lastIndex = start;
      const match = scalar.exec(this.#text);
      if (match === null) return false;
      this.#at += match[0].length;
    }
    const raw = this.#text.slice(start, this.#at);
    this.#out += !attribute && KEPT_MEMBERS.has(member) ? raw : this.#standIn(member, raw, attribute);
    return true;
  }

  #standIn(member: string, raw: string, attribute: boolean): string {
    if (raw === 'null') return raw;
    if (!attribute && this.#message !== undefined && /^(Error|message|details)$/.test(member)) {
      return JSON.stringify(this.#message);
    }
    if (raw.startsWith('"')) return '"(string)"';
    return raw === 'true' || raw === 'false' ? '"(boolean)"' : '"(number)"';
  }

  #object(member: string, attribute: boolean): boolean {
    this.#at += 1;
    // The members of an attribute's value (a location) are private too.
    if (attribute) {
      this.#out += '"(object)"';
      return this.#skipRest('}');
    }
    this.#out += '{';
    for (let first = true; ; first = false) {
      this.#skipBlanks();
      if (this.#text[this.#at] === '}') {
        this.#at += 1;
        this.#out += '}';
        return true;
      }
      if (!first && !this.#take(',')) return false;
      this.#skipBlanks();
      const start = this.#at;
      if (this.#text[start] !== '"' || !this.#skipString()) return false;
      const name = this.#text.slice(start, this.#at);
      this.#skipBlanks();
      if (!this.#take(':')) return false;
      const before = this.#out;
      this.#out += `${first ? '' : ','}${name}:`;
      const started = this.#out.length;
      const done = this.#value(name.slice(1, -1), member === 'attributes');
      // A name without a value would look like a mistake of the sender.
      if (this.#out.length === started) this.#out = before;
      if (!done) return false;
    }
  }

  #array(member: string, attribute: boolean): boolean {
    this.#at += 1;
    if (attribute) {
      this.#out += '"(list)"';
      return this.#skipRest(']');
    }
    this.#out += '[';
    for (let first = true; ; first = false) {
      this.#skipBlanks();
      if (this.#text[this.#at] === ']') {
        this.#at += 1;
        this.#out += ']';
        return true;
      }
      if (!first && !this.#take(',')) return false;
      const before = this.#out;
      if (!first) this.#out += ',';
      const started = this.#out.length;
      const done = this.#value(member, false);
      if (this.#out.length === started) this.#out = before;
      if (!done) return false;
    }
  }

  /** Skips past the bracket that closes the current one. */
  #skipRest(closing: string): boolean {
    const opening = closing === '}' ? '{' : '[';
    for (let depth = 1; this.#at < this.#text.length; ) {
      const character = this.#text[this.#at];
      if (character === '"') {
        if (!this.#skipString()) return false;
        continue;
      }
      this.#at += 1;
      if (character === opening) depth += 1;
      else if (character === closing) {
        depth -= 1;
        if (depth === 0) return true;
      }
    }
    return false;
  }

  #skipString(): boolean {
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at];
      if (character === '\\') this.#at += 1;
      else if (character === '"') {
        this.#at += 1;
        return true;
      }
    }
    return false;
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }
}
