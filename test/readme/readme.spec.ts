import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { linesOf } from './lines.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let readme: string;

beforeAll(async () => {
  readme = await readFile(join(root, 'README.md'), 'utf8');
  folder = await mkdtemp(join(tmpdir(), 'readme-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'main.ts'), block('ts').replace('3000', '0'));
});

afterAll(() => rm(folder, { recursive: true }));

function block(language: string): string {
  const start = readme.indexOf('```' + language + '\n');
  const end = readme.indexOf('```', start + 3);
  return readme.slice(readme.indexOf('\n', start) + 1, end);
}

it('the README has a complete program before line 40', () => {
  const start = readme.indexOf(block('ts'));
  const end = start + block('ts').length;
  expect(readme.slice(0, end).split('\n').length).toBeLessThan(40);
});

it('the program of the README compiles without a complaint', () => {
  const program = ts.createProgram([join(folder, 'main.ts')], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  });
  const problems = [
    ...ts.getPreEmitDiagnostics(program),
    ...program.emit().diagnostics,
  ];
  expect(
    problems.map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, '\n'),
    ),
  ).toEqual([]);
});

it('the program of the README does what the README says', async () => {
  const conf = join(folder, 'service.conf');
  await writeFile(conf, block('ini'));
  const child = spawn(process.execPath, ['main.js'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = linesOf(child.stdout, child.stderr);
  onTestFinished(() => void child.kill('SIGKILL'));
  await lines.until('open /srv/photos');
  await lines.until('Nest application successfully started');

  await writeFile(
    conf,
    block('ini').replace('PrimaryPeer:   peer-a', 'Nonsense'),
  );
  child.kill('SIGHUP');
  await lines.until('rejected');

  await writeFile(
    conf,
    block('ini').replace('PrimaryPeer:   peer-a', 'PrimaryPeer: peer-b'),
  );
  child.kill('SIGHUP');
  await lines.until('close photos');
  await lines.until('applied');

  child.kill('SIGTERM');
  const [code, signal] = (await once(child, 'exit')) as [number | null, string];
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGTERM' });
});
