/**
 * Recognises files that are not text lists, so that the refusal says what the file really is and what to do about it.
 */

import { type DomainError, invalid } from '../domain/errors.ts';

/** The number of bytes inspected to recognise the kind of a file. */
export const HEAD_BYTES = 4096;

const SAVE_AS_CSV = 'save it as CSV (UTF-8) and send that';

/** How each kind of file begins, as Latin-1 text, and the message for it. */
const SIGNATURES: readonly (readonly [start: RegExp, message: string])[] = [
  [/^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/, `this is an Excel workbook (.xls, or password-protected); ${SAVE_AS_CSV}`],
  [/^\x1f\x8b/, 'this is gzip within gzip; compress the CSV file once'],
  [/^%PDF-/, `this is a PDF document; export the list as CSV and send that`],
  [/^\{\\rtf/, `this is a text document (RTF); ${SAVE_AS_CSV}`],
  [/^BZh[1-9]/, 'this is compressed with bzip2; send it as plain CSV, or compressed with gzip'],
  [/^\xfd7zXZ\0/, 'this is compressed with xz; send it as plain CSV, or compressed with gzip'],
  [/^\x28\xb5\x2f\xfd/, 'this is compressed with Zstandard; send it as plain CSV, or compressed with gzip'],
  [/^7z\xbc\xaf\x27\x1c/, 'this is a 7-Zip archive; take the CSV file out of it and send that'],
  [/^Rar!\x1a\x07/, 'this is a RAR archive; take the CSV file out of it and send that'],
  [/^PAR1/, 'this is a Parquet file; export the list as CSV and send that'],
  [/^SQLite format 3\0/, 'this is an SQLite database; export the list as CSV and send that'],
  [
    /^(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head|meta|body|table|script|!--)/i,
    'this is a web page (HTML), perhaps a sign-in or error page saved under the name of the list; export the list as CSV and send that',
  ],
  [/^(\xef\xbb\xbf)?\s*<\?xml/i, `this is XML, perhaps a spreadsheet saved as XML; ${SAVE_AS_CSV}`],
  [/^(\xef\xbb\xbf)?\s*[[{]\s*["{[\]}]/, 'this is JSON; export the list as CSV and send that'],
];

/**
 * Inspects the first bytes of a file.
 * @param head at least `HEAD_BYTES` of the file, or all of it
 * @throws DomainError `invalid` naming the kind of the file, if it is of another kind
 */
export function refuseOtherKinds(head: Buffer): void {
  const text = head.subarray(0, HEAD_BYTES).toString('latin1');
  if (/^PK(\x03\x04|\x05\x06|\x07\x08)/.test(text)) throw notText(nameOfZip(text));
  const found = SIGNATURES.find(([start]) => start.test(text));
  if (found !== undefined) throw notText(found[1]);
  if (text.startsWith('\xff\xfe\0\0') || text.startsWith('\0\0\xfe\xff')) {
    throw notText('this is UTF-32; save the file as UTF-8');
  }
  if (isUnmarkedUtf16(text)) {
    throw notText('this is UTF-16 without a byte order mark; save the file as UTF-8, or as UTF-16 with the mark');
  }
}

/** Office documents are zip archives; the names inside tell which kind. */
function nameOfZip(text: string): string {
  if (/mimetypeapplication\/vnd\.oasis\.opendocument\.spreadsheet/.test(text)) {
    return `this is an OpenDocument spreadsheet; ${SAVE_AS_CSV}`;
  }
  if (/\bIndex\/[\w-]+\.iwa|\bIndex\.zip/.test(text)) return `this is a Numbers spreadsheet; export it as CSV (UTF-8)`;
  if (/PK\x03\x04[^]{26}(word|ppt)\//.test(text)) return `this is an Office document, not a list; ${SAVE_AS_CSV}`;
  if (/xl\/|\[Content_Types\]\.xml|_rels\/\.rels|docProps\//.test(text)) {
    return `this is an Excel workbook; ${SAVE_AS_CSV}`;
  }
  return 'this is a zip archive; unpack it and send the CSV file (which may be compressed with gzip)';
}

/** Latin text in UTF-16 has a zero byte in every second position. */
function isUnmarkedUtf16(text: string): boolean {
  if (/^(\xff\xfe|\xfe\xff|\xef\xbb\xbf)/.test(text) || text.length < 2) return false;
  const zeros = [0, 0];
  for (let at = 0; at < text.length; at += 1) if (text[at] === '\0') zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [least = 0, most = 0] = zeros.sort((a, b) => a - b);
  return most * 2 > text.length / 2 && least * 10 <= most;
}

function notText(message: string): DomainError {
  return invalid(message, { line: 'N/A' });
}
