import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** A folder whose folders, and whose files beside them, are rooms. */
export interface House {
  /** From the root of the workspace. */
  readonly folder: string;
  /**
   * Its rooms, lowest first: each may import those before it. A name is a folder
   * or a file; `*` is every other file that stands beside the folders.
   */
  readonly rooms: readonly string[];
}

/** A file of a house, by its path within it, and what it imports, by theirs. */
export interface RoomFile {
  readonly path: string;
  readonly imports: readonly string[];
}

/** The files of a house without its specs and what serves them alone, types of imports included. */
export function filesOf(root: string, { folder }: House): RoomFile[] {
  const house = resolve(root, folder);
  return readdirSync(house, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => !/\.spec\.ts$|^testing\/|\/testing\//.test(path))
    .map((path) => ({ path, imports: importsOf(house, path) }));
}

/** What breaks the order of rooms: files in no room, and imports that run up. */
export function disorderIn(
  files: readonly RoomFile[],
  { rooms }: House,
): string[] {
  return files.flatMap(({ path, imports }) => {
    const room = floorOf(path, rooms);
    if (room === -1) return [`${path} is in no room`];
    return imports
      .filter((imported) => {
        const other = floorOf(imported, rooms);
        return (
          other > room || (other === room && !areNeighbours(path, imported))
        );
      })
      .map((imported) => `${path} imports ${imported}, which is not below it`);
  });
}

function importsOf(house: string, path: string): string[] {
  const text = readFileSync(join(house, path), 'utf8');
  return ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => join(house, dirname(path), name.replace(/\.js$/, '.ts')))
    .map((imported) => relative(house, imported))
    .filter((imported) => !imported.startsWith('..'));
}

/** How high a file stands; -1 where it is in no room. */
function floorOf(path: string, rooms: readonly string[]): number {
  const [first] = path.split('/');
  const own = rooms.indexOf(first!);
  return own === -1 && first === path ? rooms.indexOf('*') : own;
}

/** Files of one folder, or of those that stand beside the folders. */
function areNeighbours(one: string, other: string): boolean {
  const [folder] = one.split('/');
  return (
    one.includes('/') === other.includes('/') &&
    (!one.includes('/') || other.startsWith(`${folder}/`))
  );
}
