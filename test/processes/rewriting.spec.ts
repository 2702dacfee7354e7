import { closeSync, openSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { confText, ConfFile, Service } from './service.js';

const volumes = 400;
const chunk = 1024;

function content(round: number): string {
  const names = Array.from(
    { length: volumes },
    (_, index) => `v${round}x${index}`,
  );
  // The volumes come first, so a file that is cut off among them still parses.
  const lists = names.map(
    (name) =>
      `[VolumeGroup:g${name}]\nVolumeList: ${name}\nPrimaryPeer: A\nVirtualIPAddr:\n`,
  );
  const groups = names.map((name) => `g${name}`);
  return `[Cluster]\nWhoAmI: A\nPeers: A\n[FSGlobals]\nVolumeGroupList: ${groups.join(' ')}\n${lists.join('')}[End]\nHere: yes\n`;
}

/**
 * Writes in place, piece by piece, as a careless editor does. Calls back
 * half-way.
 */
function rewrite(path: string, text: string, halfWay: () => void): void {
  const file = openSync(path, 'w');
  const middle = Math.floor(text.length / 2 / chunk) * chunk;
  for (let at = 0; at < text.length; at += chunk) {
    if (at === middle) halfWay();
    writeSync(file, text.slice(at, at + chunk));
  }
  closeSync(file);
}

describe('F2 a configuration that is rewritten in place while it is read', () => {
  it('is applied as a whole or not at all', async () => {
    const conf = new ConfFile(content(0));
    const service = new Service(conf, { participants: [], quiet: true });
    await service.line('ready');
    const rounds = 40;
    for (let round = 1; round <= rounds; round++) {
      const before = service.lines.length;
      rewrite(conf.path, content(round), () => service.signal('SIGHUP'));
      await service.line('ended', before);
    }
    const last = service.lines.length;
    service.signal('SIGHUP');
    await service.line('ended', last);
    const reloads = service.all(/^ended \d+ signaled/);
    expect(reloads.length).toBeGreaterThan(rounds / 2);
    expect(
      reloads.filter((line) => !line.endsWith(`${volumes} served`)),
    ).toEqual([]);
    expect(reloads.at(-1)).toMatch(/applied|unchanged/);
    const applied = reloads.filter((line) => line.includes(' applied '));
    expect(applied.length).toBeGreaterThan(0);
  });

  it('that is empty, or only begun, is refused', async () => {
    const conf = new ConfFile();
    const service = new Service(conf, { participants: [] });
    await service.line('ready');
    const whole = confText({ g: ['v', 'w'] });
    for (const text of ['', whole.slice(0, 20), whole.slice(0, 5)]) {
      const before = service.lines.length;
      conf.replace(text);
      service.signal('SIGHUP');
      expect(await service.line('ended', before)).toMatch(
        / signaled rejected .* 2 served$/,
      );
    }
  });
});

describe('F3 a configuration that is cut off where it still makes sense', () => {
  it('is refused by maxUnserve', async () => {
    const conf = new ConfFile();
    const service = new Service(conf, {
      participants: [],
      options: { maxUnserve: 1 },
    });
    await service.line('ready');
    const whole = confText({ g: ['v', 'w'] });
    conf.replace(whole.slice(0, whole.indexOf(' v, w')));
    const before = service.lines.length;
    service.signal('SIGHUP');
    expect(await service.line('ended', before)).toMatch(
      / signaled rejected .* 2 served$/,
    );
  });
});
