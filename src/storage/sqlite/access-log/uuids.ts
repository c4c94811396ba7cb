/** UUIDs as the log stores them: 16 bytes. */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Undefined for text in another form. */
export function uuidToBytes(uuid: string): Buffer | undefined {
  return UUID.test(uuid) ? Buffer.from(uuid.replaceAll('-', ''), 'hex') : undefined;
}

export function uuidFromBytes(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
