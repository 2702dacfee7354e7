import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const libraries = fileURLToPath(new URL('../../libs/', import.meta.url));

/**
 * Runs a module in plain Node, as a user of the packages would. Returns the
 * JSON that it prints.
 */
function run(...lines: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--enable-source-maps', '--input-type=module', '--eval', lines.join('\n')],
    { cwd: libraries, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('every entry that exports a class exports the same one, under its own name', () => {
  const differing = run(
    "import * as all from 'nestjs-transitions';",
    "import * as core from 'nestjs-transitions/core';",
    "import * as conf from '@nestjs-transitions/conf';",
    'const same = [core, conf].map((entry) =>',
    '  Object.keys(entry).filter((name) => name in all && entry[name] === all[name]));',
    'const differing = [core, conf].flatMap((entry) =>',
    '  Object.keys(entry).filter((name) => name in all && entry[name] !== all[name]));',
    'const renamed = Object.entries({ ...all, ...core, ...conf })',
    '  .filter(([name, { prototype }]) => prototype && prototype.constructor.name !== name);',
    'console.log(JSON.stringify({ same: same.map((names) => names.length > 5), differing, renamed }));',
  );
  expect(differing).toEqual({ same: [true, true], differing: [], renamed: [] });
});

it('the core is bundled without Nest, RxJS and Node', () => {
  const loaded = importsOf(join(libraries, 'transitions/bundle/core/index.js'));
  expect([...loaded]).toEqual(['@nestjs-transitions/conf']);
});

/**
 * The packages that a bundled file imports, directly or through other files of
 * its bundle.
 */
function importsOf(file: string, found = new Set<string>()): Set<string> {
  const code = readFileSync(file, 'utf8');
  for (const [, from = ''] of code.matchAll(
    /^(?:import|export) .*from "(.+)";$/gm,
  )) {
    if (from.startsWith('.')) importsOf(join(file, '..', from), found);
    else found.add(from);
  }
  return found;
}

it('a stack trace leads to the line of the source', () => {
  const stack = run(
    "import { ConfMap } from '@nestjs-transitions/conf';",
    "import { TransitionsModule, splitOverrides } from 'nestjs-transitions';",
    'const stackOf = (run) => { try { run(); } catch (thrown) { return thrown.stack; } };',
    'console.log(JSON.stringify([',
    "  stackOf(() => ConfMap.parse('nonsense')),",
    '  stackOf(() => splitOverrides(1)),',
    ']));',
  ) as string[];
  expect(stack[0]).toContain('libs/conf/src/conf-map.ts');
  const [, line] = /options-from-environment\.ts:(\d+)/.exec(stack[1]!)!;
  const source = readFileSync(
    join(libraries, 'transitions/src/options/options-from-environment.ts'),
    'utf8',
  );
  expect(source.split('\n')[Number(line) - 1]).toContain('.split(');
});
