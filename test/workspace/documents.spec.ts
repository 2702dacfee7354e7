import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const notOurs = new Set(['node_modules', 'dist', 'bundle', '.git']);

function documents(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return notOurs.has(entry.name) ? [] : documents(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

// The compiler finds them in code. Prettier takes them for quotations.
const leftByAMerge = /^\s*(?:<{7}|(?:> ?){7})/;

it('no document has lines that a merge has left in it', () => {
  const found = documents().flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        leftByAMerge.test(line)
          ? `${path.slice(root.length).replaceAll(sep, '/')}:${index + 1}: ${line}`
          : [],
      ),
  );
  expect(found).toEqual([]);
});
