/**
 * A logged request as a shell command, with the key left for the reader to fill in. Somebody else sent the contents of
 * the request, and they are pasted into a shell: they must stay data there, and must never act on the terminal.
 */

import type { AccessLogDetail } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';

type LoggedRequest = Pick<
  AccessLogDetail,
  'method' | 'requestUri' | 'requestPayload' | 'requestBytes' | 'requestCut' | 'payloadState'
>;

/** Whether the command holds the whole body of the request, or the request had none. */
export function isBodyComplete({ requestPayload, requestBytes, requestCut, payloadState }: LoggedRequest): boolean {
  if (requestCut) return false;
  return requestPayload === '' ? requestBytes === 0 : payloadState === 'full';
}

/** @param baseUrl the URL of this server */
export function curlOf(request: LoggedRequest, baseUrl: string): string {
  const { method, requestUri, requestPayload } = request;
  // curl expands brackets and braces as patterns unless --globoff is set.
  const command = `curl -i --globoff -X ${quoted(method)} ${quoted(baseUrl + inAscii(requestUri))}`;
  const parts = [command, '-H "Authorization: ApiKey-v1 $ROLLCALL_KEY"'];
  if (requestPayload === '' && isBodyComplete(request)) return parts.join(' \\\n  ');
  parts.push(`-H 'Content-Type: application/json'`);
  if (!isBodyComplete(request)) parts.push('--data-binary @body.json');
  else if (CONTROL.test(requestPayload)) {
    parts[0] = `printf '%b' ${quoted(escaped(requestPayload))} | ${command}`;
    parts.push('--data-binary @-');
  } else parts.push(`--data-raw ${quoted(requestPayload)}`);
  return parts.join(' \\\n  ');
}

// A line break in quotes is harmless. Other control characters make a terminal complete, send or delete what is pasted,
// and characters that change the direction of writing disguise a command.
const CONTROL = /(?!\n)[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const CONTROLS = new RegExp(CONTROL, 'gu');

/** Escapes text for the `%b` of printf, which every shell has: octal numbers stand for bytes. */
function escaped(text: string): string {
  const octal = (character: string) =>
    [...new TextEncoder().encode(character)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
  return text.replaceAll('\\', '\\\\').replaceAll(CONTROLS, octal);
}

/** A path arrives as bytes: anything but visible ASCII is written as a number. */
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

/** Within single quotes a shell changes nothing; only the quote itself needs escaping. */
function quoted(text: string): string {
  return /^[A-Z]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
