import { Buffer } from 'node:buffer';
import type { Converted } from './converted.js';

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const base64 = /^[A-Za-z\d+/]+={0,2}$/;

/** true, yes, on; false, no, off; in upper or lower case. */
export function convertBoolean(text: string): Converted<boolean> {
  const lower = text.toLowerCase();
  if (['true', 'yes', 'on'].includes(lower)) return { value: true };
  if (['false', 'no', 'off'].includes(lower)) return { value: false };
  return { expected: 'true, yes, on, false, no or off' };
}

/** A UUID, which is returned in lower case. */
export function convertUuid(text: string): Converted<string> {
  const value = text.toLowerCase();
  return uuid.test(value)
    ? { value }
    : { expected: 'a UUID such as 30ae4a7e-b28b-4fcf-b8c4-b65dbe25b5e7' };
}

/** Bytes in base64 with the standard alphabet and padding. */
export function convertBase64(text: string): Converted<Uint8Array> {
  if (text.length % 4 === 0 && base64.test(text)) {
    return { value: new Uint8Array(Buffer.from(text, 'base64')) };
  }
  // What is written like this may be a secret.
  const got = `${text.length} characters that are something else`;
  return { expected: 'base64 with its padding, such as aGVsbG8=', got };
}
