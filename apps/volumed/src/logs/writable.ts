import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { dirname } from 'node:path';

const { O_WRONLY, O_APPEND, O_NONBLOCK, W_OK, X_OK } = constants;

/** Rejects unless a file, or where there is none its folder, can be written. Makes nothing. */
export async function assertWritable(path: string): Promise<void> {
  try {
    // Not access(): that finds a folder writable too.
    const file = await open(path, O_WRONLY | O_APPEND | O_NONBLOCK);
    await file.close();
  } catch (error) {
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) throw error;
    await access(dirname(path), W_OK | X_OK);
  }
}
