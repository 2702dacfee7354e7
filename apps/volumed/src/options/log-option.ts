import type { ConfMap } from 'nestjs-transitions';
import { assertWritable } from '../logs/writable.js';
import { fileServer, optionError } from './option.js';

/** A path in section `FileServer`; undefined for `none`, its default. */
export function readLogPath(
  confMap: ConfMap,
  option: string,
): string | undefined {
  const path = confMap.getString(fileServer, option, 'none');
  return path === 'none' ? undefined : path;
}

/** For a veto: rejects with what is wrong with the option, unless the file can be written. */
export async function assertLogPath(
  confMap: ConfMap,
  option: string,
): Promise<void> {
  const path = readLogPath(confMap, option);
  if (path === undefined) return;
  try {
    await assertWritable(path);
  } catch (cause) {
    const problem = `is ${path}, which cannot be written: ${String(cause)}; expected a file in a folder that is there, or none`;
    throw optionError(confMap, [fileServer, option], problem, cause);
  }
}
