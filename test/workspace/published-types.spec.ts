import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const entries = [
  'nestjs-transitions',
  'nestjs-transitions/config',
  'nestjs-transitions/core',
  '@nestjs-transitions/conf',
  '@nestjs-transitions/etcd',
  '@nestjs-transitions/testing',
];

let project: string;

/** A project in which the libraries are installed as they would be published. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'published-types-'));
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, '@nestjs-transitions'), { recursive: true });
  for (const library of ['conf', 'transitions', 'etcd', 'testing']) {
    const name =
      library === 'transitions'
        ? 'nestjs-transitions'
        : `@nestjs-transitions/${library}`;
    mkdirSync(join(modules, name));
    const packed = execFileSync(
      'npm',
      ['pack', '--ignore-scripts', '--silent', '--pack-destination', project],
      { cwd: join(root, 'libs', library), encoding: 'utf8' },
    ).trim();
    execFileSync('tar', [
      '-xzf',
      join(project, packed),
      '-C',
      join(modules, name),
      '--strip-components=1',
    ]);
  }
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (/^\.|nestjs-transitions|^volumed$/.test(name)) continue;
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(project, 'main.ts'),
    entries
      .map((entry, index) => `export * as entry${index} from '${entry}';\n`)
      .join(''),
  );
});

afterAll(() => rmSync(project, { recursive: true }));

it('the types of the packed libraries hold for a strict user at ES2021, who checks libraries too (F129)', () => {
  const program = ts.createProgram([join(project, 'main.ts')], {
    target: ts.ScriptTarget.ES2021,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  });
  const complaints = ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName.replace(project, '') ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  expect(complaints).toEqual([]);
});
