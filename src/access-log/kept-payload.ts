/** What the access log keeps of a request's body and of its answer, as the Application's setting says. */

import { isUtf8 } from 'node:buffer';
import type { PayloadLogging } from '../domain/definitions/applications.ts';
import { mayHoldSecret, withoutSecrets, withoutValues } from './payload-masking.ts';

const NOTHING = Buffer.alloc(0);

/**
 * Returns a payload as it may be kept. Secrets are never kept; `masked` keeps the shape of a body without its values, and `off`
 * keeps nothing.
 * @param cause of a refusal: it stands for the messages of a masked answer, which may quote values
 */
export function keptPayload(bytes: Buffer, logging: PayloadLogging, cause: string | undefined): Buffer {
  if (bytes.length === 0 || logging === 'off') return NOTHING;
  if (logging === 'masked') return Buffer.from(withoutSecrets(withoutValues(bytes.toString('utf8'), cause)));
  const text = bytes.toString('latin1');
  if (!mayHoldSecret(text)) return bytes;
  // What is no text may hold a key all the same; byte by byte the rest of it survives.
  return isUtf8(bytes)
    ? Buffer.from(withoutSecrets(bytes.toString('utf8')))
    : Buffer.from(withoutSecrets(text), 'latin1');
}
