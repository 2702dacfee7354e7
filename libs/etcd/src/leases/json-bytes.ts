const encoder = new TextEncoder();
const decoder = new TextDecoder();

// The values of keys are JSON, so that an operator can read them, and write them.

export function toBytes(value: Readonly<Record<string, string>>): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** Undefined where it is no object. */
export function fromBytes(
  bytes: Uint8Array,
): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
