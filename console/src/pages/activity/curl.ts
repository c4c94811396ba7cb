/**
 * A request of the log as a command for a terminal; the key is left for its reader to fill in. Whatever the request held was
 * sent by somebody else and is pasted into a shell: it must be data there, and nothing the terminal acts on.
 */

import type { AccessLogDetail } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';

type LoggedRequest = Pick<
  AccessLogDetail,
  'method' | 'requestUri' | 'requestPayload' | 'requestBytes' | 'requestCut' | 'payloadState'
>;

/** Whether the command holds the request's whole body, or there was none. */
export function isBodyWhole({ requestPayload, requestBytes, requestCut, payloadState }: LoggedRequest): boolean {
  if (requestCut) return false;
  return requestPayload === '' ? requestBytes === 0 : payloadState === 'full';
}

/** @param baseUrl of this server */
export function curlOf(request: LoggedRequest, baseUrl: string): string {
  const { method, requestUri, requestPayload } = request;
  // Brackets and braces are patterns to curl unless it is told otherwise.
  const command = `curl -i --globoff -X ${quoted(method)} ${quoted(baseUrl + inAscii(requestUri))}`;
  const parts = [command, '-H "Authorization: ApiKey-v1 $ROLLCALL_KEY"'];
  if (requestPayload === '' && isBodyWhole(request)) return parts.join(' \\\n  ');
  parts.push(`-H 'Content-Type: application/json'`);
  if (!isBodyWhole(request)) parts.push('--data-binary @body.json');
  else if (CONTROL.test(requestPayload)) {
    parts[0] = `printf '%b' ${quoted(escaped(requestPayload))} | ${command}`;
    parts.push('--data-binary @-');
  } else parts.push(`--data-raw ${quoted(requestPayload)}`);
  return parts.join(' \\\n  ');
}

// A line break within quotes is one; other control characters make a terminal complete, send or delete what is pasted, and
// those that turn the direction of writing make a command read as another.
const CONTROL = /(?!\n)[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const CONTROLS = new RegExp(CONTROL, 'gu');

/** For the `%b` of printf, which every shell's has: octal numbers stand for bytes. */
function escaped(text: string): string {
  const octal = (character: string) =>
    [...new TextEncoder().encode(character)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
  return text.replaceAll('\\', '\\\\').replaceAll(CONTROLS, octal);
}

/** A path arrives as bytes: what is no visible ASCII is written by its number. */
function inAscii(uri: string): string {
  return uri.replaceAll(/[^\x21-\x7e]+/g, (part) =>
    Array.from(part)
      .map((each) => {
        const code = each.charCodeAt(0);
        return code <= 0xff ? `%${code.toString(16).toUpperCase().padStart(2, '0')}` : encodeURIComponent(each);
      })
      .join(''),
  );
}

/** In single quotes a shell leaves everything as it is, but for the quote itself. */
function quoted(text: string): string {
  return /^[A-Z]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
