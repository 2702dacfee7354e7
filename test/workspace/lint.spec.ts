import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const workspace = fileURLToPath(new URL('../../', import.meta.url));

/** The file, a line of code in it, and the rule that the line breaks there. */
const VIOLATIONS: readonly (readonly [string, string, string])[] = [
  ['libs/ops/src/a.ts', 'export const a: any = 1;', 'no-explicit-any'],
  ['libs/ops/src/a.ts', 'Promise.resolve();', 'no-floating-promises'],
  ['libs/ops/src/a.ts', 'console.log(1);', 'no-console'],
  ...forbiddenImports('libs/conf/src/a.ts', [
    'nestjs-transitions',
    '@nestjs-transitions/testing',
    '@nestjs/common',
    'rxjs',
    'volumed',
  ]),
  ...forbiddenImports('libs/transitions/src/module/a.ts', [
    '@nestjs-transitions/testing',
    '@nestjs-transitions/etcd',
    '@nestjs-transitions/conf/dist/index.js',
    '../../../conf/src/index.js',
    '../../../../apps/volumed/src/main.js',
    'volumed',
  ]),
  ...forbiddenImports('libs/transitions/src/a.spec.ts', [
    '@nestjs-transitions/testing',
  ]),
  ...forbiddenImports('libs/testing/src/a.ts', [
    '@nestjs-transitions/etcd',
    'transitionsctl',
    'nestjs-transitions/src/core/plan.js',
  ]),
  ...forbiddenImports('libs/etcd/src/a.ts', ['@nestjs-transitions/testing']),
  ...forbiddenImports('apps/volumed/src/a.ts', [
    '../../../libs/transitions/src/index.js',
    'nestjs-transitions/dist/index.js',
  ]),
  ...forbiddenImports('libs/transitions/src/core/a.ts', [
    '@nestjs/common',
    'node:fs',
    'fs',
    'rxjs',
    'nestjs-transitions',
    '@nestjs-transitions/testing',
    '../module/a.js',
  ]),
  ...forbiddenImports('libs/transitions/src/core/plan/a.ts', [
    '@nestjs/common',
    'node:timers',
    '../../module/a.js',
  ]),
  ...[
    'Date.now()',
    'new Date()',
    'performance.now()',
    'setTimeout(() => {}, 1)',
    'setInterval(() => {}, 1)',
    'setImmediate(() => {})',
    'queueMicrotask(() => {})',
    'process.pid',
    'crypto.randomUUID()',
    'globalThis.Date',
  ].map((code) => inCore(code, 'no-restricted-globals')),
  inCore('Math.random()', 'no-restricted-properties'),
  inCore('AbortSignal.timeout(1)', 'no-restricted-properties'),
];

const ALLOWED: readonly (readonly [string, string])[] = [
  ['libs/transitions/src/core/a.ts', importing('@nestjs-transitions/conf')],
  ['libs/transitions/src/core/a.ts', importing('@standard-schema/spec')],
  ['libs/transitions/src/core/a.ts', importing('./plan.js')],
  ['libs/transitions/src/core/plan/a.ts', importing('../delta.js')],
  ['libs/transitions/src/core/a.spec.ts', importing('node:fs')],
  ['libs/transitions/src/module/a.ts', importing('../core/plan.js')],
  ['libs/transitions/src/module/a.ts', importing('@nestjs/common')],
  ['libs/conf/src/a.ts', importing('node:fs')],
  ['libs/testing/src/a.ts', importing('nestjs-transitions')],
  ['libs/etcd/src/a.spec.ts', importing('@nestjs-transitions/testing')],
  ['apps/volumed/src/a.ts', importing('nestjs-transitions')],
  // With `import type`, Nest would not know which class to inject.
  [
    'apps/volumed/src/a.ts',
    "import { A } from './b.js'; @C() export class B { constructor(readonly a: A) {} }",
  ],
];

/** Two files that import each other, though only types. */
const CIRCLE: readonly (readonly [string, string])[] = [
  [
    'libs/ops/src/circle/one.ts',
    "import type { Two } from './two.js'; export type One = Two;",
  ],
  [
    'libs/ops/src/circle/two.ts',
    "import type { One } from './one.js'; export type Two = { readonly one?: One };",
  ],
];

function importing(module: string): string {
  return `export { a } from '${module}';`;
}

function forbiddenImports(
  file: string,
  modules: readonly string[],
): (readonly [string, string, string])[] {
  return modules.map((module) => [
    file,
    importing(module),
    'no-restricted-imports',
  ]);
}

function inCore(
  expression: string,
  rule: string,
): readonly [string, string, string] {
  return [
    'libs/transitions/src/core/a.ts',
    `export const a = (): unknown => ${expression};`,
    rule,
  ];
}

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

/** Writes each line of code to its file, and lints all files together. */
function lint(folder: string): readonly Diagnostic[] {
  copyFileSync(
    join(workspace, '.oxlintrc.json'),
    join(folder, '.oxlintrc.json'),
  );
  const files = [
    ...[...VIOLATIONS, ...ALLOWED].map(
      ([file, code], index) => [numbered(file, index), code] as const,
    ),
    ...CIRCLE,
  ];
  for (const [file, code] of files) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${code}\n`);
  }
  const binaries = join(workspace, 'node_modules/.bin');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(workspace, 'node_modules/oxlint/bin/oxlint'), '--format=json'],
    {
      cwd: folder,
      encoding: 'utf8',
      // If npm does not run this, oxlint finds its type checker here.
      env: {
        ...process.env,
        PATH: `${binaries}${delimiter}${process.env['PATH'] ?? ''}`,
      },
    },
  );
  if (!stdout.startsWith('{')) throw new Error(`${stdout}${stderr}`);
  const report = JSON.parse(stdout) as {
    diagnostics: Diagnostic[];
    number_of_files: number;
  };
  expect(report.number_of_files).toBe(files.length);
  return report.diagnostics;
}

/**
 * Several lines of code may be for one file, so each gets a file of its own
 * beside it.
 */
function numbered(file: string, index: number): string {
  return file.replace(/a((\.spec)?\.ts)$/, `${index}$1`);
}

describe('the house rules', () => {
  let diagnostics: readonly Diagnostic[];

  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'transitions-lint-'));
    try {
      diagnostics = lint(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  function brokenRules(file: string, index = 0): string[] {
    return diagnostics
      .filter(({ filename }) => filename === numbered(file, index))
      .map(({ code }) => code.replace(/.*\((.*)\)/, '$1'));
  }

  VIOLATIONS.forEach(([file, code, rule], index) => {
    it(`refuse in ${file}: ${code}`, () => {
      expect(brokenRules(file, index)).toContain(rule);
    });
  });

  it.each(CIRCLE)('refuse a circle, of types too: %s', (file) => {
    expect(brokenRules(file)).toContain('no-cycle');
  });

  ALLOWED.forEach(([file, code], index) => {
    it(`allow in ${file}: ${code}`, () => {
      expect(brokenRules(file, VIOLATIONS.length + index)).toEqual([]);
    });
  });
});
