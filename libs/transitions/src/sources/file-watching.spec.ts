import 'reflect-metadata';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable, type INestApplicationContext } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { ReloadService } from '../reload/reload.service.js';
import { sampleText } from '../testing/sample-conf.js';
import { compileApp, RecordingLogger } from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';
import { fileConfSource } from './file.conf-source.js';
import type { WatchOptions } from './file-watcher.js';

let folder: string;
let app: INestApplicationContext;
let logger: RecordingLogger;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transitions-watch-'));
});

afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const quick: WatchOptions = { debounce: 10, poll: 50 };
// So long that only events of the file system can be the cause.
const byEvents: WatchOptions = { debounce: 10, poll: 3_600_000 };

async function watchApp(
  path: string,
  watch: WatchOptions = byEvents,
  providers: (new () => object)[] = [],
): Promise<void> {
  logger = new RecordingLogger();
  const source = fileConfSource(path, { watch });
  app = await compileApp({ providers }, { source }, logger);
  await app.init();
}

function served(): readonly string[] {
  return app.get(TransitionsService).snapshot().participants[0]!.served;
}

const often = { interval: 5 };

/** How many reloads brought something new. */
function effective(): number {
  return app.get(TransitionsService).snapshot().generation;
}

/** What the volumes of a configuration are called after. */
const text = (...volumes: string[]): string => sampleText({ g: volumes });

function replace(path: string, content: string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

/** A folder as Kubernetes mounts a ConfigMap: files are links through `..data`. */
function mountConfigMap(mount: string): {
  readonly path: string;
  readonly publish: (content: string) => void;
} {
  let version = 0;
  mkdirSync(mount);
  const publish = (content: string): void => {
    const data = `..version_${++version}`;
    mkdirSync(join(mount, data));
    writeFileSync(join(mount, data, 'service.conf'), content);
    symlinkSync(data, join(mount, '..data_tmp'));
    const before =
      version === 1 ? undefined : readlinkSync(join(mount, '..data'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    if (before) rmSync(join(mount, before), { recursive: true });
  };
  symlinkSync('..data/service.conf', join(mount, 'service.conf'));
  return { path: join(mount, 'service.conf'), publish };
}

describe('F59 a watched file', () => {
  let path: string;

  beforeEach(() => {
    path = join(folder, 'service.conf');
    writeFileSync(path, text('v0'));
  });

  it('that is written in place is reloaded, each time', async () => {
    await watchApp(path);
    for (const name of ['v1', 'v2', 'v3']) {
      writeFileSync(path, text(name));
      await expect.poll(served, often).toEqual([name]);
    }
    expect(effective()).toBe(4);
  });

  it('that another is renamed over is reloaded, each time', async () => {
    await watchApp(path);
    for (const name of ['v1', 'v2', 'v3']) {
      replace(path, text(name));
      await expect.poll(served, often).toEqual([name]);
    }
    expect(effective()).toBe(4);
  });

  it('that is deleted keeps the configuration and alarms; made again it is reloaded', async () => {
    await watchApp(path);
    unlinkSync(path);
    await expect.poll(() => logger.with('rejected')).toHaveLength(1);
    expect(logger.with('rejected')[0]).toMatch(/^error [^]*service\.conf/);
    await expect.poll(served, often).toEqual(['v0']);
    writeFileSync(path, text('v1'));
    await expect.poll(served, often).toEqual(['v1']);
  });

  it('that is broken keeps the configuration and alarms; mended it is reloaded', async () => {
    await watchApp(path);
    writeFileSync(path, '[Cluster\n');
    await expect.poll(() => logger.with('rejected')).toHaveLength(1);
    await expect.poll(served, often).toEqual(['v0']);
    writeFileSync(path, text('v1'));
    await expect.poll(served, often).toEqual(['v1']);
  });

  it('that is empty is no configuration', async () => {
    await watchApp(path);
    writeFileSync(path, '');
    await expect.poll(() => logger.with('rejected')).toHaveLength(1);
    await expect.poll(served, often).toEqual(['v0']);
  });

  it('whose folder is replaced is reloaded, also by what is written to the new one', async () => {
    const inner = join(folder, 'etc');
    mkdirSync(inner);
    const inside = join(inner, 'service.conf');
    writeFileSync(inside, text('v0'));
    await watchApp(inside);
    for (const name of ['v1', 'v2']) {
      const other = join(folder, `etc.${name}`);
      mkdirSync(other);
      writeFileSync(join(other, 'service.conf'), text(name));
      renameSync(inner, join(folder, `old.${name}`));
      renameSync(other, inner);
      await expect.poll(served, often).toEqual([name]);
      await expect.poll(watchedInodes).toContain(statSync(inner).ino);
    }
    writeFileSync(inside, text('v3'));
    await expect.poll(served, often).toEqual(['v3']);
  });

  it('of a Kubernetes ConfigMap is reloaded when its link is swapped, each time', async () => {
    const mount = mountConfigMap(join(folder, 'mount'));
    mount.publish(text('v0'));
    await watchApp(mount.path);
    for (const name of ['v1', 'v2', 'v3']) {
      mount.publish(text(name));
      await expect.poll(served, often).toEqual([name]);
    }
    expect(effective()).toBe(4);
  });

  it('behind links through several folders is reloaded, wherever on the way it changes', async () => {
    for (const name of ['a', 'b', 'c']) mkdirSync(join(folder, name));
    const link = join(folder, 'a', 'service.conf');
    const real = join(folder, 'c', 'real.conf');
    writeFileSync(real, text('v0'));
    symlinkSync('../b/current', link);
    symlinkSync('../c/real.conf', join(folder, 'b', 'current'));
    await watchApp(link);
    replace(real, text('v1'));
    await expect.poll(served, often).toEqual(['v1']);
    writeFileSync(join(folder, 'c', 'other.conf'), text('v2'));
    symlinkSync('../c/other.conf', join(folder, 'b', 'next'));
    renameSync(join(folder, 'b', 'next'), join(folder, 'b', 'current'));
    await expect.poll(served, often).toEqual(['v2']);
  });

  it('is reloaded when a file that it includes changes, also one that it includes since', async () => {
    const first = join(folder, 'first.conf');
    const second = join(folder, 'more', 'second.conf');
    mkdirSync(join(folder, 'more'));
    const including = (name: string): string =>
      `.include ${name}\n[Comment]\nNothing: here\n`;
    writeFileSync(first, text('v1'));
    writeFileSync(second, text('v2'));
    writeFileSync(path, including('first.conf'));
    await watchApp(path);
    writeFileSync(first, text('v1', 'w1'));
    await expect.poll(served, often).toEqual(['v1', 'w1']);
    writeFileSync(path, including('more/second.conf'));
    await expect.poll(served, often).toEqual(['v2']);
    writeFileSync(second, text('v2', 'w2'));
    await expect.poll(served, often).toEqual(['v2', 'w2']);
  });

  it('that is written again with the same content is left alone', async () => {
    await watchApp(path);
    writeFileSync(path, text('v0'));
    replace(path, text('v0'));
    writeFileSync(path, text('v1'));
    await expect.poll(served, often).toEqual(['v1']);
    expect(effective()).toBe(2);
  });

  it('that changed while the application came up is reloaded', async () => {
    const changed = path;
    @Injectable()
    @TransitionParticipant()
    class Slow {
      up(): void {
        replace(changed, text('v1'));
      }
    }
    await watchApp(path, byEvents, [Slow]);
    await expect.poll(served, often).toEqual(['v1']);
  });

  it('is found out by looking where no event comes', async () => {
    const inner = join(folder, 'etc');
    mkdirSync(inner);
    const inside = join(inner, 'service.conf');
    writeFileSync(inside, text('v0'));
    await watchApp(inside, { debounce: 3_600_000, poll: 20 });
    replace(inside, text('v1'));
    await expect.poll(served, often).toEqual(['v1']);
  });

  it('that a dry run has read is reloaded all the same', async () => {
    await watchApp(path);
    replace(path, text('v1'));
    await app.get(ReloadService).dryRun();
    await expect.poll(served, often).toEqual(['v1']);
  });

  it('is let go when the application is closed', async () => {
    const before = watchedInodes();
    await watchApp(path, quick);
    await expect.poll(watchedInodes).toHaveLength(before.length + 1);
    await app.close();
    await expect.poll(watchedInodes).toEqual(before);
  });
});

/** The inodes of the folders and files that this process watches, as Linux knows them. */
function watchedInodes(): number[] {
  return readdirSync('/proc/self/fdinfo').flatMap((descriptor) => {
    try {
      const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
      return Array.from(info.matchAll(/^inotify wd:\S+ ino:(\S+)/gm), (match) =>
        Number.parseInt(match[1]!, 16),
      );
    } catch {
      // The descriptor by which the folder was read.
      return [];
    }
  });
}

describe('F60 an editor that saves twenty times in a row', () => {
  it('causes no more than two reloads, of which the last content wins', async () => {
    const path = join(folder, 'service.conf');
    writeFileSync(path, text('v'));
    await watchApp(path, { debounce: 50, poll: 3_600_000 });
    for (let save = 1; save <= 20; save++) replace(path, text(`v${save}`));
    await expect.poll(served, often).toEqual(['v20']);
    expect(effective()).toBeLessThanOrEqual(3);
  });
});

describe('F2 a file that is being rewritten while it is read', () => {
  it('is never applied in part', async () => {
    const path = join(folder, 'service.conf');
    const many = (prefix: string): string[] =>
      Array.from({ length: 300 }, (_, index) => `${prefix}${index}`);
    writeFileSync(path, text(...many('a')));
    await watchApp(path, quick);
    const seen = new Set<number>();
    app.get(TransitionsService).events$.subscribe((event) => {
      if (event.type === 'transitionEnded') seen.add(served().length);
    });
    for (let round = 0; round < 10; round++) {
      const content = text(...many(round % 2 === 0 ? 'b' : 'a'));
      const middle = Math.floor(content.length / 2);
      // Torn, for as long as the event loop takes to come round.
      writeFileSync(path, content.slice(0, middle));
      await new Promise(setImmediate);
      writeFileSync(path, content);
    }
    await expect.poll(() => served()[0]).toBe('a0');
    expect([...seen].filter((count) => count !== 300)).toEqual([]);
  });
});
