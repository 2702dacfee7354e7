import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ConfFile, confText } from './service.js';

const fixture = fileURLToPath(new URL('fixture/logging.mjs', import.meta.url));

it('a boot that is refused says why in a few lines, and ends the process with an error (F128)', async () => {
  const conf = new ConfFile(confText({ 'g@C': ['v'] }));
  const child = spawn(process.execPath, [fixture, join(conf.folder, 'notes')], {
    env: { ...process.env, TRANSITIONS_CONF_FILE: conf.path },
  });
  const [output, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  expect(code).toBe(1);
  const since = output.slice(output.indexOf('#1 up:'));
  const lines = `${since}${complaint}`.trim().split('\n');
  expect(lines.length).toBeLessThanOrEqual(20);
  expect(lines.filter((line) => /^\s+at /.test(line))).toEqual([]);
  expect(complaint).toContain(
    'VolumeGroup:g.PrimaryPeer is C, which is not in Cluster.Peers (A, B)',
  );
});
