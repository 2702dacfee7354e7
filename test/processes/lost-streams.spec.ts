import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { ConfFile, confText } from './service.js';

const fixture = fileURLToPath(new URL('fixture/logging.mjs', import.meta.url));

it('a service whose log nobody reads any more goes on, reloads, and takes its volumes down (F151)', async () => {
  const conf = new ConfFile(confText({ g: ['v'] }));
  const notes = join(conf.folder, 'notes');
  const noted = (): string[] =>
    existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : [];
  const child = spawn(process.execPath, [fixture, notes], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TRANSITIONS_CONF_FILE: conf.path },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stderr.resume();
  child.stdout.resume();
  const exit = once(child, 'exit');
  await expect.poll(noted).toContain('after up');
  child.stdout.destroy();
  child.stderr.destroy();
  child.kill('SIGHUP');
  await expect.poll(noted).toContain('after signaled');
  child.kill('SIGTERM');
  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(noted()).toEqual(['serve v', 'after up', 'after signaled', 'down']);
});
