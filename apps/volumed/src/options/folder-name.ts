const longestNameBytes = 255;

/** Whether a folder can have that name, in any file system, and be in its parent. */
export function isFolderName(name: string): boolean {
  if (name === '.' || name === '..' || /[/\0]/.test(name)) return false;
  return Buffer.byteLength(name) <= longestNameBytes;
}
