import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { ConfMap } from '@nestjs-transitions/conf';
import { LastGoodError } from './last-good-error.js';
import { replaceFile } from '../ports/replace-file.js';

// A kept file is a .conf file between lines of comment. The last one is the
// SHA-256 of all before it.
const firstLine =
  '; The last configuration that came into force, kept by lastGoodConfSource.';
const endOf = (digest: string): string => `; sha256: ${digest}\n`;
const endLength = endOf('0'.repeat(64)).length;
const pieceLength = 64 * 1024;

/** What a kept file says of itself. */
export interface KeptHeader {
  /** `Cluster.WhoAmI`. */
  readonly peer: string;
  /** What messages call the source. */
  readonly source: string;
  /** When it came into force, as ISO 8601. */
  readonly since: string;
}

/**
 * Writes a configuration as a kept file, durably: the file is the old one or the
 * new one, whatever happens meanwhile, and only its owner can read it. Large
 * configurations are written piece by piece.
 */
export async function writeKept(
  path: string,
  confMap: ConfMap,
  header: KeptHeader,
  signal: AbortSignal,
): Promise<void> {
  await replaceFile(path, async (file) => {
    const hash = createHash('sha256');
    for (const piece of piecesOf(confMap, header)) {
      signal.throwIfAborted();
      hash.update(piece);
      await file.appendFile(piece);
    }
    await file.appendFile(endOf(hash.digest('hex')));
    signal.throwIfAborted();
  });
}

/**
 * Reads a kept file.
 *
 * @throws LastGoodError if it is none, or not as it was written.
 */
export async function readKept(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly confMap: ConfMap; readonly header: KeptHeader }> {
  const header = await readHeader(path);
  if (header === undefined) {
    throw new LastGoodError(
      'missing',
      path,
      `There is no last good configuration yet: ${path} is missing, or empty`,
    );
  }
  if (!(await isWhole(path, signal))) {
    throw new LastGoodError(
      'damaged',
      path,
      `The last good configuration cannot be used: ${path} is damaged or cut off, as its checksum tells; remove it`,
    );
  }
  return { confMap: await ConfMap.fromFile(path, { signal }), header };
}

/**
 * What a kept file says of itself; undefined where there is no file, or an empty
 * one.
 *
 * @throws LastGoodError for any other file.
 */
export async function readHeader(
  path: string,
): Promise<KeptHeader | undefined> {
  const text = await readStart(path);
  if (text === '') return undefined;
  const [first, second = ''] = text.split('\n', 2);
  if (first === firstLine && second.startsWith('; {')) {
    try {
      return JSON.parse(second.slice(2)) as KeptHeader;
    } catch {
      // As below.
    }
  }
  throw new LastGoodError(
    'foreign',
    path,
    `${path} is no file that lastGoodConfSource has written, and is left alone; give another path`,
  );
}

function* piecesOf(confMap: ConfMap, header: KeptHeader): Generator<string> {
  let piece = `${firstLine}\n; ${JSON.stringify(header)}\n`;
  for (const part of confMap.dumpInPieces()) {
    piece += part;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

async function readStart(path: string): Promise<string> {
  try {
    return await withFile(path, async (file) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0);
      return buffer.toString('utf8', 0, bytesRead);
    });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw thrown;
  }
}

/** Whether the last line is the checksum of all before it. */
async function isWhole(path: string, signal: AbortSignal): Promise<boolean> {
  return withFile(path, async (file) => {
    const { size } = await file.stat();
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(pieceLength);
    for (let left = size - endLength; left > 0;) {
      signal.throwIfAborted();
      const most = Math.min(left, buffer.length);
      const { bytesRead } = await file.read(buffer, 0, most);
      if (bytesRead === 0) return false;
      hash.update(buffer.subarray(0, bytesRead));
      left -= bytesRead;
    }
    const { bytesRead } = await file.read(buffer, 0, endLength);
    const end = buffer.toString('utf8', 0, bytesRead);
    return end === endOf(hash.digest('hex'));
  });
}

async function withFile<T>(
  path: string,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, 'r');
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
