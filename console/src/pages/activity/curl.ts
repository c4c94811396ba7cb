/** A request of the log as a command for a terminal; the key is left for its reader to fill in. */

import type { AccessLogDetail } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';

/** @param baseUrl of this server */
export function curlOf(detail: AccessLogDetail, baseUrl: string): string {
  const { method, requestUri, requestPayload, requestCut, payloadState } = detail;
  const parts = [`curl -i -X ${method} ${quoted(baseUrl + requestUri)}`, '-H "Authorization: ApiKey-v1 $ROLLCALL_KEY"'];
  if (requestPayload !== '') {
    parts.push(`-H 'Content-Type: application/json'`);
    const isWhole = !requestCut && payloadState === 'full';
    parts.push(isWhole ? `--data-raw ${quoted(requestPayload)}` : '--data-binary @body.json');
  }
  return parts.join(' \\\n  ');
}

/** In single quotes a shell leaves everything as it is, but for the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
