import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

// What a start costs is counted here, so that no clock has a say in it. How
// long it takes: `npm run bench -- --only start-up`.

const workspace = fileURLToPath(new URL('../../', import.meta.url));

/** What V8 says of a script: `ranges[0].count` is how often a function ran. */
interface Script {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { readonly count: number }[];
  }[];
}

/** The scripts that are loaded by a module that runs in plain Node. */
function scriptsOf(...lines: readonly string[]): Script[] {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-start-up-'));
  try {
    const { stderr, status } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', lines.join('\n')],
      {
        cwd: join(workspace, 'libs'),
        env: { ...process.env, NODE_V8_COVERAGE: folder },
        encoding: 'utf8',
      },
    );
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return readdirSync(folder)
      .flatMap((file) => {
        const text = readFileSync(join(folder, file), 'utf8');
        return (JSON.parse(text) as { readonly result: Script[] }).result;
      })
      .filter(({ url }) => /^file:.*\.js$/.test(url));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isOurs({ url }: Script): boolean {
  return url.includes('/libs/') && !url.includes('/node_modules/');
}

function paths(scripts: readonly Script[]): string[] {
  return scripts
    .map(({ url }) => relative(workspace, fileURLToPath(url)))
    .toSorted();
}

const nest = [
  "import { Module } from '@nestjs/common';",
  "import { NestFactory } from '@nestjs/core';",
];

const application = [
  ...nest,
  "import { ConfMap, staticConfSource, TransitionsModule } from 'nestjs-transitions';",
  'const confMap = ConfMap.fromObject({',
  "  Cluster: { WhoAmI: 'a' }, FSGlobals: { VolumeGroupList: [] },",
  '});',
  'class Root {}',
  'Module({ imports: [TransitionsModule.forRoot({ source: staticConfSource(confMap) })] })(Root);',
  'await NestFactory.createApplicationContext(Root, { logger: false });',
  'process.exit();',
];

describe('an application with nothing in it but the module', () => {
  let started: Script[] = [];
  let ours: Script[] = [];

  beforeAll(() => {
    started = scriptsOf(...application);
    ours = started.filter(isOurs);
  });

  it('loads these files of ours, and no others', () => {
    expect(paths(ours)).toEqual([
      'libs/conf/bundle/index.js',
      'libs/transitions/bundle/core.js',
      'libs/transitions/bundle/index.js',
      'libs/transitions/bundle/module.js',
    ]);
  });

  it('loads nothing of other packages that an empty application does not load', () => {
    const loaded = new Set(paths(scriptsOf(...nest)));
    const others = started.filter((script) => !isOurs(script));
    expect(paths(others).filter((path) => !loaded.has(path))).toEqual([]);
  });

  it('reads less than 500 KB of ours: 100 KB are 2 ms of every start', () => {
    const bytes = ours.map(({ url }) => statSync(fileURLToPath(url)).size);
    const total = bytes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(100_000);
    expect(total).toBeLessThan(500_000);
  });

  it('runs fewer than 750 functions of ours: a hundred of them are a millisecond, as none is compiled yet', () => {
    const run = ours.flatMap(({ functions }) =>
      functions.filter(({ ranges }) => ranges[0]!.count > 0),
    );
    expect(run.length).toBeGreaterThan(100);
    expect(run.length).toBeLessThan(750);
  });
});
