/** Finds a customer profile's integration ID in what the access log keeps, so that an erasure leaves no copy. */

/** Reports whether payloads and paths mention one profile. */
export class ProfileTraces {
  readonly #id: string;
  readonly #encoded: string;
  readonly #inMessage: string;

  constructor(integrationId: string) {
    this.#id = integrationId;
    this.#encoded = JSON.stringify(integrationId);
    this.#inMessage = `'${integrationId}'`;
  }

  /**
   * True when a JSON text contains the ID as a complete value, or quoted in a message. A text that was truncated within
   * a possible ID counts too.
   */
  inPayload(text: string): boolean {
    if (text.includes(this.#encoded) || text.includes(this.#inMessage)) return true;
    // Only escapes give a string another spelling.
    if (text.includes('\\') && this.#amongStrings(text)) return true;
    return this.#atCut(text);
  }

  /** True when a part of the path, or a value in the query, is the ID. */
  inUri(uri: string): boolean {
    const [path = '', query = ''] = uri.split('?', 2);
    // Decoded part by part; an ID that contains slashes appears in the path unescaped.
    const decoded = `/${path.split('/').map(decode).join('/')}/`;
    if (decoded.includes(`/${this.#id}/`)) return true;
    const values = query.split('&').map((each) => decode(each.slice(each.indexOf('=') + 1).replaceAll('+', ' ')));
    return values.includes(this.#id);
  }

  #amongStrings(text: string): boolean {
    for (const [string] of text.matchAll(/"(?:[^"\\]|\\.)*"/gs)) {
      try {
        const value = JSON.parse(string) as string;
        if (value === this.#id || value.includes(this.#inMessage)) return true;
      } catch {
        // Not a JSON string, so it could not have been accepted as an ID.
      }
    }
    return false;
  }

  #atCut(text: string): boolean {
    // One character if there is no string at all.
    const rest = text.slice(text.lastIndexOf('"'));
    // A complete text ends with a bracket, not with the start of a string.
    return rest.length > 1 && !/[}\]]\s*$/.test(rest) && this.#encoded.startsWith(rest.replace(/\ufffd$/, ''));
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
