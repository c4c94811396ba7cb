/** The part of a request's body and its answer that the access log keeps, depending on the Application's setting. */

import { isUtf8 } from 'node:buffer';
import type { PayloadLogging } from '../domain/definitions/applications.ts';
import { mayHoldSecret, withoutSecrets, withoutValues } from './payload-masking.ts';

const NOTHING = Buffer.alloc(0);

/**
 * Returns the part of a payload that may be kept. Secrets are never kept; `masked` keeps the shape of a body without
 * its values, and `off` keeps nothing.
 * @param operation the operation of a request, whose body may consist only of attributes
 * @param cause of a refusal; it replaces the messages of a masked answer, which may quote values
 */
export function keptPayload(
  bytes: Buffer,
  logging: PayloadLogging,
  cause: string | undefined,
  operation?: string,
): Buffer {
  if (bytes.length === 0 || logging === 'off') return NOTHING;
  if (logging === 'masked') return Buffer.from(withoutSecrets(withoutValues(bytes.toString('utf8'), cause, operation)));
  const text = bytes.toString('latin1');
  if (!mayHoldSecret(text)) return bytes;
  // Binary data may contain a key too; as latin1, the rest of it stays unchanged.
  return isUtf8(bytes)
    ? Buffer.from(withoutSecrets(bytes.toString('utf8')))
    : Buffer.from(withoutSecrets(text), 'latin1');
}
