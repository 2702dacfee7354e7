import type { ConfMap } from 'nestjs-transitions';
import { assertWritable } from '../logs/writable.js';
import { fileServer, optionError } from './option.js';

/** The file of a log; undefined for `none`. */
export function logFileOf(path: string): string | undefined {
  return path === 'none' ? undefined : path;
}

/** For a veto: rejects with what is wrong with the option, unless the file can be written. */
export async function assertLogPath(
  confMap: ConfMap,
  option: string,
  given: string,
): Promise<void> {
  const path = logFileOf(given);
  if (path === undefined) return;
  try {
    await assertWritable(path);
  } catch (cause) {
    const problem = `is ${path}, which cannot be written: ${String(cause)}; expected a file in a folder that is there, or none`;
    throw optionError(confMap, [fileServer, option], problem, cause);
  }
}
