import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** A folder. Its rooms are the folders in it, and the files beside them. */
export interface House {
  /** From the root of the workspace. */
  readonly folder: string;
  /**
   * Its rooms, lowest first. Each may import from those before it. A name is
   * that of a folder or a file; `*` is every other file beside the folders.
   */
  readonly rooms: readonly string[];
}

/**
 * A file of a house and what it imports from there, by their paths in the
 * house.
 */
export interface RoomFile {
  readonly path: string;
  readonly imports: readonly string[];
}

/**
 * The files of a house, except for specs and what only specs use. Imports of
 * types count too.
 */
export function filesOf(root: string, { folder }: House): RoomFile[] {
  const house = resolve(root, folder);
  return readdirSync(house, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => !/\.spec\.ts$|^testing\/|\/testing\//.test(path))
    .map((path) => ({ path, imports: importsOf(house, path) }));
}

/** What breaks the order of rooms: files in no room, and imports that go up. */
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

/** How high the room of a file is; -1 if it is in none. */
function floorOf(path: string, rooms: readonly string[]): number {
  const [first] = path.split('/');
  const own = rooms.indexOf(first!);
  return own === -1 && first === path ? rooms.indexOf('*') : own;
}

/** Whether two files are in the same folder, or both are beside the folders. */
function areNeighbours(one: string, other: string): boolean {
  const [folder] = one.split('/');
  return (
    one.includes('/') === other.includes('/') &&
    (!one.includes('/') || other.startsWith(`${folder}/`))
  );
}
