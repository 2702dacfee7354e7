import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
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
const libraries = readdirSync(join(root, 'libs'));
const entries = [
  'nestjs-transitions',
  'nestjs-transitions/config',
  'nestjs-transitions/core',
  '@nestjs-transitions/conf',
  '@nestjs-transitions/etcd',
  '@nestjs-transitions/testing',
];

/** Options of leases that are not set, as those that come from an environment. */
const unsetLeases = `
import type { EtcdServingLeasesOptions } from '@nestjs-transitions/etcd';
import type { TransitionsModuleOptions } from 'nestjs-transitions';
const unset = undefined;
export const etcd: EtcdServingLeasesOptions = {
  endpoints: [], namespace: 'demo', ttl: unset, auth: unset, callTimeout: unset,
  tls: { ca: unset, cert: unset, key: unset, serverName: unset },
};
export const plain: EtcdServingLeasesOptions = { ...etcd, tls: unset };
export const none: TransitionsModuleOptions = { leases: unset, leaseStoreFile: unset };
`;

/** What npm says of a package that it has packed. */
interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Record<string, string>>>;
}

let project: string;
let packed: readonly Packed[];

/** A project in which the libraries are installed as they would be published. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'published-'));
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, '@nestjs-transitions'), { recursive: true });
  packed = pack();
  for (const { name, filename } of packed) {
    const [archive, folder] = [join(project, filename), join(modules, name)];
    mkdirSync(folder);
    execFileSync('tar', [
      '-xzf',
      archive,
      '-C',
      folder,
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
      .join('') + unsetLeases,
  );
});

afterAll(() => rmSync(project, { recursive: true }));

function pack(): Packed[] {
  const told = execFileSync(
    'npm',
    [
      'pack',
      '--json',
      '--ignore-scripts',
      '--silent',
      `--pack-destination=${project}`,
      ...libraries.map((library) => `./${library}`),
    ],
    { cwd: join(root, 'libs'), encoding: 'utf8' },
  );
  return JSON.parse(told) as Packed[];
}

it('the types of the packed libraries hold for a strict user at ES2021, who checks libraries too (F129)', () => {
  const program = ts.createProgram([join(project, 'main.ts')], {
    target: ts.ScriptTarget.ES2021,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    // But for those of the language itself.
    skipDefaultLibCheck: true,
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

it.each(libraries)(
  'what libs/%s exports is in what is published',
  (library) => {
    const { name, exports } = JSON.parse(
      readFileSync(join(root, 'libs', library, 'package.json'), 'utf8'),
    ) as Manifest;
    const { files = [] } = packed.find((each) => each.name === name) ?? {};
    const published = files.map(({ path }) => `./${path}`);
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? target : Object.values(target),
    );
    expect(published).toEqual(expect.arrayContaining(targets));
    // Of what tsc emits, only declarations are published: the code is in the
    // bundle.
    expect(
      published.filter((path) => /dist\/.*\.js|\.spec\./.test(path)),
    ).toEqual([]);
  },
);
