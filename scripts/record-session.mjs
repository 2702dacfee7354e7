// Records docs/session.md: three peers of volumed on the example cluster, a
// file, a move of its volume, and a mistake. Needs a built workspace.
//
//   node scripts/record-session.mjs > docs/session.md
import { spawn, execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once, setMaxListeners } from 'node:events';
import { createInterface } from 'node:readline';
import { workspace } from './prepare-workspace.mjs';

const folder = mkdtempSync(join(tmpdir(), 'session-'));
cpSync(join(workspace, 'apps/volumed/conf'), join(folder, 'conf'), {
  recursive: true,
});
const main = join(workspace, 'apps/volumed/dist/main.js');
const transcript = [];
const say = (text) => transcript.push(text.replaceAll(folder, '~/demo'));

class Peer {
  constructor(name) {
    this.name = name;
    this.printed = [];
    this.child = spawn(
      process.execPath,
      [main, '--conf', `conf/${name}.conf`],
      {
        cwd: folder,
        env: { ...process.env, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    /** @type {() => void} */
    this.wake = () => {};
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.printed.push(line);
        this.wake();
      });
    }
  }

  async end() {
    const { exitCode, signalCode } = this.child;
    if (exitCode === null && signalCode === null)
      await once(this.child, 'exit');
  }

  // What was printed since the last time, up to a line that has a text.
  async until(text) {
    const timeout = AbortSignal.timeout(20_000);
    setMaxListeners(0, timeout);
    for (;;) {
      const at = this.printed.findIndex((line) => line.includes(text));
      if (at !== -1) return this.printed.splice(0, at + 1);
      timeout.throwIfAborted();
      await new Promise((resolve) => {
        this.wake = () => resolve(undefined);
        timeout.addEventListener('abort', this.wake, { once: true });
      });
    }
  }
}

function show(peer, lines) {
  for (const line of lines) {
    const text = line.replace(/^\[Nest\] \d+ +- [^A-Z]*[AP]M +/, '');
    say(`${peer.name} | ${text}`.trimEnd());
  }
}

function run(...command) {
  say(
    `$ ${command.map((word) => (/[ ']/.test(word) ? `'${word}'` : word)).join(' ')}`,
  );
  say(
    execFileSync(command[0], command.slice(1), {
      cwd: folder,
      encoding: 'utf8',
    }).trimEnd(),
  );
  say('');
}

function edit(from, to) {
  const path = join(folder, 'conf/cluster.conf');
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`The configuration has no ${from}`);
  writeFileSync(path, text.replace(from, to));
  say(
    `$ sed -i.bak 's/${from.split('\n').at(-1)}/${to.split('\n').at(-1)}/' conf/cluster.conf   # in [VolumeGroup:media]`,
  );
}

const a = new Peer('peer-a');
const b = new Peer('peer-b');
const c = new Peer('peer-c');
const peers = [a, b, c];
try {
  say('# Three peers come up.\n');
  for (const peer of peers) {
    say(`$ volumed --conf conf/${peer.name}.conf &`);
    const printed = await peer.until(' listens on ');
    show(peer, peer === a ? printed : printed.slice(-1));
    say('');
    await peer.until('kill -HUP');
  }
  say('# A file is stored. Any peer knows where its volume is.\n');
  writeFileSync(join(folder, 'hello.txt'), 'hello\n');
  run(
    'curl',
    '-sS',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '-T',
    'hello.txt',
    'http://127.0.0.1:7081/volumes/photos/hello.txt',
  );
  run(
    'curl',
    '-sS',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code} %{redirect_url}',
    'http://127.0.0.1:7083/volumes/photos/hello.txt',
  );
  say(
    '# The group moves to peer-b. All are told; peer-b waits until peer-a has let go.\n',
  );
  edit(
    'photos, music\nPrimaryPeer:   peer-a',
    'photos, music\nPrimaryPeer:   peer-b',
  );
  say('$ killall -HUP volumed');
  for (const peer of peers) peer.child.kill('SIGHUP');
  for (const peer of peers) {
    show(peer, await peer.until(' applied in '));
    say('');
  }
  run(
    'curl',
    '-sSL',
    '-w',
    '%{http_code} %{url_effective}',
    'http://127.0.0.1:7081/volumes/photos/hello.txt',
  );
  say('# A mistake changes nothing.\n');
  edit(
    'photos, music\nPrimaryPeer:   peer-b',
    'photos, music\nPrimaryPeer:   peer-x',
  );
  say('$ kill -HUP %2');
  b.child.kill('SIGHUP');
  show(b, await b.until('VolumeGroup:media.PrimaryPeer is'));
  say('');
  run('curl', '-sS', 'http://127.0.0.1:7082/volumes/photos/hello.txt');
  say('# And down again.\n');
  say('$ kill %2');
  b.child.kill('SIGTERM');
  show(b, await b.until(' applied in '));
} finally {
  for (const { child } of peers)
    if (child.exitCode === null && child.signalCode === null)
      child.kill('SIGTERM');
  await Promise.all(peers.map((peer) => peer.end()));
  rmSync(folder, { recursive: true });
}

process.stdout.write(`# A recorded session

Three peers of volumed on the example cluster of \`apps/volumed/conf\`, recorded by \`scripts/record-session.mjs\`. What a
peer logs is shown behind its name, without the times of day. Its lines at DEBUG are those that Nest's logger writes
unless it is told otherwise.

\`\`\`text
${transcript.join('\n')}
\`\`\`
`);
