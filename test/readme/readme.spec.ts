import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { EtcdProcess, hasEtcd } from '../leases/etcd-process.js';
import { linesOf } from './lines.js';
import { Document, Program } from './program.js';

async function compiled(source: string): Promise<Program> {
  const program = await Program.write(source);
  onTestFinished(() => program.remove());
  expect(program.compile()).toEqual([]);
  return program;
}

function start(program: Program) {
  const child = spawn(process.execPath, ['main.js'], {
    cwd: program.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

it('the README has a complete program before line 30', async () => {
  const readme = await Document.open('README.md');
  const end = readme.text.indexOf(readme.block('ts'));
  const program = readme.text.slice(0, end + readme.block('ts').length);
  expect(program.split('\n').length).toBeLessThanOrEqual(30);
});

it('the program of the README compiles, and does what the README says', async () => {
  const readme = await Document.open('README.md');
  const program = await compiled(readme.block('ts').replace('3000', '0'));
  const conf = join(program.folder, 'service.conf');
  const primaryIs = (line: string): Promise<void> =>
    writeFile(conf, readme.block('ini').replace('PrimaryPeer:   peer-a', line));
  await primaryIs('PrimaryPeer: peer-a');
  const child = start(program);
  const lines = linesOf(child.stdout, child.stderr);
  await lines.until('open /srv/photos');
  await lines.until('Nest application successfully started');

  await primaryIs('Nonsense');
  child.kill('SIGHUP');
  await lines.until('rejected');

  await primaryIs('PrimaryPeer: peer-b');
  child.kill('SIGHUP');
  await lines.until('close photos');
  await lines.until('applied');

  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
});

it.each([
  ['docs/schemas.md', 2],
  ['docs/last-good.md', 1],
])('the programs in %s compile', async (path, count) => {
  const programs = (await Document.open(path)).blocks('ts');
  expect(programs).toHaveLength(count);
  for (const program of programs) await compiled(program);
});

it('the program in the README of the testing kit compiles, and its assertions hold', async () => {
  const readme = await Document.open('libs/testing/README.md');
  const child = start(await compiled(readme.block('ts')));
  const complaints: string[] = [];
  child.stderr.on('data', (text: Buffer) => complaints.push(text.toString()));
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(complaints).toEqual([]);
});

it.skipIf(!hasEtcd)(
  'the program in the README of etcd compiles, and claims a volume',
  async () => {
    const etcd = await EtcdProcess.start();
    onTestFinished(() => etcd.stop());
    const readme = await Document.open('libs/etcd/README.md');
    const program = readme.block('ts');
    expect(program).toContain('127.0.0.1:2379');
    const child = start(
      await compiled(program.replace('127.0.0.1:2379', etcd.endpoint)),
    );
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => lines.push(text.toString()));
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(lines.join('')).toMatch(/^photos is ours, with token \d+\n$/);
  },
);
