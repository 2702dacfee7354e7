import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest';
import { Worker } from 'node:worker_threads';
import {
  ConfFileError,
  ConfMap,
  ConfSyntaxError,
  type ConfError,
  type ConfFileOptions,
  type FromFileOptions,
} from '../index.js';

/** Where Linux shows what a process has open. */
const descriptors = '/proc/self/fd';

let home: string;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'conf-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/**
 * Writes a file that looks as if it was written a minute ago, so that it counts
 * as complete.
 */
function write(name: string, content: string | Buffer): string {
  const path = join(home, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  const then = Date.now() / 1000 - 60;
  utimesSync(path, then, then);
  return path;
}

async function refusal(
  path: string,
  options?: FromFileOptions,
): Promise<ConfError> {
  const error: unknown = await ConfMap.fromFile(path, options).catch(
    (e: unknown) => e,
  );
  expect(error).toSatisfy(
    (e) => e instanceof ConfFileError || e instanceof ConfSyntaxError,
  );
  return error as ConfError;
}

describe('bytes', () => {
  const good = '[A]\nx=1 # ';

  it.each([
    ['a stray byte', [0xff]],
    ['a lone continuation', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['a code point that is too large', [0xf5, 0x80, 0x80, 0x80]],
  ])('F4 %s is refused with its offset', async (_, bytes) => {
    for (const padding of [0, 1, 7, 100, 5000]) {
      const before = `${'# ü €\n'.repeat(padding)}${good}`;
      const offset = Buffer.byteLength(before);
      const path = write(
        'a.conf',
        Buffer.concat([
          Buffer.from(before),
          Buffer.from(bytes),
          Buffer.from('\nend\n'),
        ]),
      );
      const error = await refusal(path);
      expect(error.problems).toMatchObject([
        { path, line: padding + 2, column: 7 },
      ]);
      expect(error.message).toContain(`byte offset ${offset}`);
    }
  });

  it('F5 every well-formed character may stand in a comment', async () => {
    const path = write('a.conf', '# \uFFFD ü € 🙂\n[A] # \uFFFD\nx=1 # 🙂\n');
    expect((await ConfMap.fromFile(path)).toObject()).toEqual({
      A: { x: ['1'] },
    });
  });

  it('F7 a byte order mark is dropped at the start of each file, includes too', async () => {
    write('b.conf', '\uFEFF[B]\ny=1\n');
    const path = write('a.conf', '\uFEFF[A]\nx=1\n.include b.conf\n');
    expect((await ConfMap.fromFile(path)).sections()).toEqual(['A', 'B']);
    const twice = write('c.conf', '\uFEFF\uFEFF[A]\nx=1\n');
    expect((await refusal(twice)).problems[0]).toMatchObject({
      line: 1,
      column: 1,
    });
  });

  it.each(['[A]\nx=1\n', '\uFEFF[A]\nx=1\n'])(
    'F8 UTF-16 is named',
    async (text) => {
      const little = Buffer.from(text, 'utf16le');
      for (const bytes of [little, Buffer.from(little).swap16()]) {
        expect((await refusal(write('a.conf', bytes))).message).toContain(
          'UTF-16',
        );
      }
    },
  );

  const cutOff = 'expected a newline at the end of the last line';

  it.each([
    ['[A]\nx=1, 2', 2],
    ['[A]\r\nx=1\r', 2],
    ['[A]\nx=1\n[B]', 3],
    ['[A]\nx=1\n# all', 3],
    ['[A]\nx=1\n ', 3],
    ['x', 1],
  ])(
    'a file that ends within a line is refused: %j [F111]',
    async (text, line) => {
      const path = write('a.conf', text);
      const error = await refusal(path);
      expect(error).toBeInstanceOf(ConfSyntaxError);
      expect(error.problems.at(-1)).toMatchObject({ path, line });
      expect(error.message).toContain(`${cutOff}: is the file complete?`);
      const main = write('main.conf', '[M]\nx=1\n.include a.conf\n');
      const included = await refusal(main);
      expect(included.problems.at(-1)).toMatchObject({ path, line });
    },
  );

  it('a file without any line is complete, and so is a text [F111]', async () => {
    for (const text of ['', '\uFEFF', '\n', '[A]\nx=1\r\n']) {
      expect((await ConfMap.fromFile(write('a.conf', text))).warnings).toEqual(
        [],
      );
    }
    expect(ConfMap.parse('[A]\nx=1').warnings).toMatchObject([
      { line: 2, message: `${cutOff}: is the text complete?` },
    ]);
  });

  it('text of many pieces reads as in one piece', async () => {
    const volumes = Array.from(
      { length: 4000 },
      (_, i) =>
        `[Volume:${i}] # ${i % 7 ? 'x' : 'ü€'}\nSize: ${i}\nName: "volume-number-${i}"\n\n`,
    ).join('');
    const list = `[List]\nNames: ${Array.from({ length: 60_000 }, (_, i) => `n${i}`).join(', ')}\n`;
    for (const text of [
      volumes + list + volumes.replaceAll('Size', 'Other'),
      list,
    ]) {
      const map = await ConfMap.fromFile(write('a.conf', text));
      const whole = ConfMap.parse(text, { path: 'a.conf' });
      expect(map.toObject()).toEqual(whole.toObject());
      expect(map.locate('Volume:3999', 'Other')?.line).toBe(
        whole.locate('Volume:3999', 'Other')?.line,
      );
      expect(map.warnings.map(({ line }) => line)).toEqual(
        whole.warnings.map(({ line }) => line),
      );
    }
  });
});

describe('limits', () => {
  it('F11 a file above the limit is refused by its size, before it is read', async () => {
    const path = write('a.conf', '[A]\n');
    const handle = await open(path);
    await handle.close();
    const read = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'read');
    onTestFinished(() => read.mockRestore());
    await ConfMap.fromFile(path);
    expect(read).toHaveBeenCalled();
    read.mockClear();
    truncateSync(path, 8 * 1024 ** 3);
    const error = await refusal(path);
    expect(error.message).toMatch(
      /has 8589934592 bytes, where the option `limits\.bytes`/,
    );
    expect(read).not.toHaveBeenCalled();
  });

  it('F11 the limit holds for all files together', async () => {
    write('b.conf', `#${'x'.repeat(600)}\n`);
    const path = write('a.conf', '.include b.conf\n.include b.conf\n');
    await ConfMap.fromFile(path);
    const limits = { bytes: 1000 };
    expect((await refusal(path, { limits })).problems).toMatchObject([
      { path, line: 2 },
    ]);
  });

  it('F11 a line of 10 MB and a million values are read', async () => {
    const path = write('a.conf', `[A]\nx = ${'123456789,'.repeat(999_999)}1\n`);
    expect((await ConfMap.fromFile(path)).getStrings('A', 'x')).toHaveLength(
      1_000_000,
    );
    const error = await refusal(path, { limits: { lineLength: 1_000_000 } });
    expect(error.problems).toMatchObject([{ path, line: 2 }]);
  });

  it('messages name options that exist [F115]', async () => {
    write('b.conf', '[B]\nx=1\n');
    write('x/y/c.conf', '.include ../../b.conf\n');
    const a = write('a.conf', `.include b.conf\n[A]\nx=${'1'.repeat(50)}\n!\n`);
    const exceeded: readonly [string, ConfFileOptions][] = [
      [a, { limits: { bytes: 20 } }],
      [a, { limits: { bytes: 70 } }],
      [a, { limits: { lineLength: 30 } }],
      [a, { limits: { includeDepth: 0 } }],
      [a, { limits: { includes: 0 } }],
      [a, { limits: { problems: 0 } }],
      [join(home, 'x/y/c.conf'), { includeRoots: [home + '/x'] }],
    ];
    for (const [path, options] of exceeded) {
      const [given, value] = Object.entries(options)[0]!;
      const limit = given === 'limits' ? `.${Object.keys(value)[0]}` : '';
      const { message } = await refusal(path, options);
      expect(message).toContain(`the option \`${given}${limit}\``);
    }
  });

  it('F11 a million sections are read in pieces', async () => {
    const text = Array.from(
      { length: 1_000_000 },
      (_, i) => `[${i}]\na=1\n`,
    ).join('');
    const map = await ConfMap.fromFile(write('a.conf', text));
    expect(map.sections()).toHaveLength(1_000_000);
  });
});

describe('includes', () => {
  it('are relative to the including file, and later values win', async () => {
    write('sub/b.conf', '[A]\nx=2\ny=2\n.include ./deep/c.conf\n');
    write('sub/deep/c.conf', '.include ../../d.conf\n[A]\nz=3\n');
    write('d.conf', '[D]\nw=4\n');
    const path = write(
      'a.conf',
      '[A]\nx=1\n  .include\tsub/b.conf # comment\n[A]\ny=5\n',
    );
    const map = await ConfMap.fromFile(path);
    expect(map.toObject()).toEqual({
      A: { x: ['2'], y: ['5'], z: ['3'] },
      D: { w: ['4'] },
    });
    expect(map.files).toEqual(
      ['a.conf', 'sub/b.conf', 'sub/deep/c.conf', 'd.conf'].map((name) =>
        join(home, name),
      ),
    );
    expect(map.locate('A', 'x')).toEqual({
      path: join(home, 'sub/b.conf'),
      line: 2,
    });
    expect(map.locate('A', 'y')).toEqual({ path, line: 5 });
    expect(map.warnings).toEqual([]);
  });

  it('do not end the section in which they stand, nor begin in it', async () => {
    write('b.conf', '[B]\ny=1\n');
    const path = write('a.conf', '[A]\nx=1\n.include b.conf\nz=2\n');
    const map = await ConfMap.fromFile(path);
    expect(map.toObject()).toEqual({
      A: { x: ['1'], z: ['2'] },
      B: { y: ['1'] },
    });
    expect(map.locate('A', 'z')?.line).toBe(4);
    write('b.conf', 'y=1\n');
    expect((await refusal(path)).problems).toMatchObject([
      { path: join(home, 'b.conf'), line: 1 },
    ]);
  });

  it('F19 a file that includes itself is refused with the chain', async () => {
    const a = write('a.conf', '[A]\nx=1\n.include a.conf\n');
    expect((await refusal(a)).message).toContain(
      `${a}:3: cannot include "a.conf": it includes itself: ${a} -> ${a}`,
    );
    const b = write('b.conf', '.include c.conf\n');
    const c = write('c.conf', '.include ./b.conf\n');
    expect((await refusal(b)).message).toContain(`${b} -> ${c} -> ${b}`);
    symlinkSync(b, join(home, 'link.conf'));
    write('c.conf', '.include link.conf\n');
    expect((await refusal(b)).message).toContain('includes itself');
  });

  it('F19 a diamond is read once and applied each time', async () => {
    write('base.conf', '[A]\nx=1\n');
    write('left.conf', '.include base.conf\n[A]\nx=2\n');
    write('right.conf', '.include base.conf\n[A]\ny=3\n');
    const path = write('a.conf', '.include left.conf\n.include right.conf\n');
    const map = await ConfMap.fromFile(path);
    expect(map.toObject()).toEqual({ A: { x: ['1'], y: ['3'] } });
    expect(map.files).toHaveLength(4);
    expect(map.warnings).toEqual([]);
  });

  it('F19 a chain of 50 is refused by depth, unless the limit allows it', async () => {
    for (let i = 0; i < 50; i++)
      write(`${i}.conf`, `[S${i}]\nx=1\n.include ${i + 1}.conf\n`);
    write('50.conf', '[Last]\nx=1\n');
    const path = join(home, '0.conf');
    expect((await refusal(path)).problems).toMatchObject([
      { path: join(home, '32.conf'), line: 3 },
    ]);
    const map = await ConfMap.fromFile(path, { limits: { includeDepth: 50 } });
    expect(map.sections()).toHaveLength(51);
  });

  it('F19 files that double at each level are bounded by count', async () => {
    for (let i = 0; i < 25; i++)
      write(`${i}.conf`, `.include ${i + 1}.conf\n`.repeat(2));
    write('25.conf', '[Last]\nx=1\n');
    expect((await refusal(join(home, '0.conf'))).message).toContain(
      'at most 1000 includes',
    );
  });

  it('problems of all files come at once, in reading order', async () => {
    const b = write('b.conf', '[B]\nbad\n');
    const c = write('c.conf', Buffer.from([0x23, 0xff]));
    const a = write(
      'a.conf',
      '[A]\n!\n.include b.conf\n.include c.conf\n.include none.conf\n[A*]\n',
    );
    const error = await refusal(a);
    expect(error.code).toBe('CONF_FILE');
    expect(error.problems).toMatchObject([
      { path: a, line: 2 },
      { path: b, line: 2 },
      { path: c, line: 1 },
      { path: a, line: 5 },
      { path: a, line: 6 },
    ]);
    expect(error.problems[3]?.message).toContain('does not exist (ENOENT)');
  });

  it('with a previous map, the same files give the same map, and unchanged sections stay', async () => {
    write('b.conf', '[B]\ny=1\n[C]\nz=1\n');
    const path = write('a.conf', '[A]\nx=1\n.include b.conf\nw=1\n[D]\nv=1\n');
    const before = await ConfMap.fromFile(path);
    expect(await ConfMap.fromFile(path, { previous: before })).toBe(before);
    write('b.conf', '[B]\ny=2\n[C]\nz=1\n');
    const after = await ConfMap.fromFile(path, { previous: before });
    expect(after.getString('B', 'y')).toBe('2');
    for (const name of ['A', 'C', 'D'])
      expect(after.section(name)).toBe(before.section(name));
    expect(after.section('B')).not.toBe(before.section('B'));
  });
});

describe('what may be read', () => {
  const outside = '[secret]\nhunter2 is no option\n';

  it('F20 nothing outside the folder above, whatever path leads there', async () => {
    const secret = write('secret', outside);
    symlinkSync(secret, join(mkdirs('x/y'), 'link.conf'));
    for (const include of [
      '../../secret',
      secret,
      'link.conf',
      '../y/../../secret',
    ]) {
      const path = write('x/y/a.conf', `[A]\nx=1\n.include ${include}\n`);
      const error = await refusal(path);
      expect(error.problems).toMatchObject([{ path, line: 3 }]);
      expect(error.message).toContain('outside');
      expect(error.message).not.toContain('hunter2');
    }
  });

  it('F20 what is allowed is quoted only where configurations are', async () => {
    write('x/secret', outside);
    const path = write('x/y/a.conf', '.include ../secret\n');
    const error = await refusal(path);
    expect(error.problems).toMatchObject([{ line: 2, column: 9 }]);
    expect(error.message).toContain('got another character');
    expect(error.message).not.toContain('"i"');
  });

  it('F20 includeRoots say what may be included, and nothing else may', async () => {
    write('z/b.conf', '[B]\ny=1\n');
    const path = write('x/y/a.conf', '.include ../../z/b.conf\n');
    const includeRoots = [join(home, 'z')];
    expect((await ConfMap.fromFile(path, { includeRoots })).sections()).toEqual(
      ['B'],
    );
    expect(
      (await ConfMap.fromFile(path, { includeRoots: ['/'] })).sections(),
    ).toEqual(['B']);
    await refusal(path, { includeRoots: [join(home, 'z2')] });
    await refusal(path, { includeRoots: [] });
  });

  it('F20 only regular files', async () => {
    execFileSync('mkfifo', [join(home, 'fifo')]);
    mkdirs('folder');
    const server = createServer().listen(join(home, 'socket'));
    await new Promise((done) => server.once('listening', done));
    for (const [include, kind] of [
      ['fifo', 'FIFO'],
      ['folder', 'folder'],
      ['socket', 'socket'],
      ['/dev/zero', 'device'],
    ]) {
      const path = write('a.conf', `.include ${include}\n`);
      expect((await refusal(path, { includeRoots: ['/'] })).message).toContain(
        kind,
      );
      expect((await refusal(join(home, include!))).message).toMatch(
        /does not exist|expected a regular file/,
      );
    }
    server.close();
  });

  it('F20 a file of the system is not read, and not shown', async () => {
    const path = write('a.conf', '.include /proc/self/environ\n');
    expect((await refusal(path)).message).toContain('outside');
    const { PATH } = process.env;
    const error = await refusal(
      write('a.conf', '.include ../../../../../../../../etc/passwd\n'),
    );
    expect(error.message).not.toContain('root:');
    expect(error.message).not.toContain(PATH);
  });

  it('F20 a link that is swapped all the time never leads outside', async () => {
    const secret = write('secret', '[Secret]\nx=1\n');
    const fine = write('x/y/fine.conf', '[Fine]\nx=1\n');
    const path = write('x/y/a.conf', '.include link.conf\n');
    symlinkSync(fine, join(home, 'x/y/link.conf'));
    const swapper = startWorker(
      `const fs = require('node:fs');
       const { link, targets } = require('node:worker_threads').workerData;
       for (let i = 0; i < 3000; i++) {
         fs.symlinkSync(targets[i % 2], link + '.new');
         fs.renameSync(link + '.new', link);
       }`,
      { link: join(home, 'x/y/link.conf'), targets: [secret, fine] },
    );
    for (let going = true; going;) {
      going =
        (await Promise.race([swapper, Promise.resolve('going')])) === 'going';
      const map = await ConfMap.fromFile(path).catch((error: unknown) => {
        if (error instanceof ConfFileError) return undefined;
        throw error;
      });
      expect(map?.has('Secret') ?? false).toBe(false);
    }
  });

  it('F21 not what this process may not read', async () => {
    chmodSync(write('b.conf', '[B]\nx=1\n'), 0);
    const path = write('a.conf', '.include b.conf\n');
    const isRoot = process.geteuid?.() === 0;
    chmodSync(home, 0o755);
    // Root may read everything.
    if (isRoot) process.seteuid?.(65534);
    try {
      expect((await refusal(path)).message).toContain('EACCES');
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('what the system said is the cause of the error', async () => {
    const missing = join(home, 'none.conf');
    const main = await refusal(missing);
    expect(main.cause).toMatchObject({ code: 'ENOENT', path: missing });
    symlinkSync('circle.conf', join(home, 'circle.conf'));
    const path = write('a.conf', '[A\n.include circle.conf\n');
    const included = await refusal(path);
    expect(included.problems).toHaveLength(2);
    expect(included.cause).toMatchObject({ code: 'ELOOP' });
    const malformed = await refusal(write('a.conf', '[A\n'));
    expect(malformed).not.toHaveProperty('cause');
  });

  it('F21 a missing main file is named', async () => {
    const path = join(home, 'none.conf');
    expect((await refusal(path)).message).toBe(
      `${path}: it does not exist (ENOENT)`,
    );
  });
});

describe('files that change meanwhile', () => {
  /**
   * Whether a writer was kept from the processor in the middle of a change, for
   * as long as a reader waits for more of it: what a reader found then has really
   * stood still.
   */
  const hasPaused = (): boolean =>
    Number(readFileSync(join(home, 'longest-pause'), 'utf8')) > 10;

  const whole = (n: number): string =>
    `[A]\nn=${n}\n${Array.from({ length: 3000 }, (_, i) => `[V${i}]\nn=${n}\n`).join('')}[Z]\nn=${n}\n`;

  it('F2 a file that is being rewritten in place is never read half', async () => {
    const path = write('a.conf', whole(0));
    const texts = [whole(1), whole(2)];
    const writer = startWorker(
      `const fs = require('node:fs');
       const { path, texts, longestPause } = require('node:worker_threads').workerData;
       let longest = 0;
       for (let i = 0; i < 60; i++) {
         const bytes = Buffer.from(texts[i % 2]);
         let last = performance.now();
         const fd = fs.openSync(path, 'w');
         for (let at = 0; at < bytes.length; at += 4096) {
           fs.writeSync(fd, bytes, at, Math.min(4096, bytes.length - at));
           const now = performance.now();
           longest = Math.max(longest, now - last);
           last = now;
         }
         fs.closeSync(fd);
       }
       fs.writeFileSync(longestPause, String(longest));`,
      { path, texts, longestPause: join(home, 'longest-pause') },
    );
    let half = 0;
    for (let going = true; going;) {
      const map = await ConfMap.fromFile(path).catch(() => undefined);
      going =
        (await Promise.race([writer, Promise.resolve('going')])) === 'going';
      const isWhole =
        map?.sections().length === 3002 &&
        map.getString('A', 'n') === map.getString('Z', 'n');
      if (!isWhole) half++;
    }
    expect({ half: hasPaused() ? 0 : half }).toEqual({ half: 0 });
  });

  it('F21 main and included files are of one state', async () => {
    const files = ['a.conf', 'b.conf'];
    const text = (name: string, n: number): string =>
      name === 'a.conf' ? `[A]\nn=${n}\n.include b.conf\n` : `[B]\nn=${n}\n`;
    for (const name of files) write(name, text(name, 0));
    const writer = startWorker(
      `const fs = require('node:fs');
       const { files, texts, longestPause } = require('node:worker_threads').workerData;
       let longest = 0;
       for (let i = 0; i < 300; i++) {
         for (const [j, file] of files.entries()) fs.writeFileSync(file + '.new', texts[i % 2][j]);
         const start = performance.now();
         for (const file of files) fs.renameSync(file + '.new', file);
         longest = Math.max(longest, performance.now() - start);
       }
       fs.writeFileSync(longestPause, String(longest));`,
      {
        longestPause: join(home, 'longest-pause'),
        files: files.map((name) => join(home, name)),
        texts: [1, 2].map((n) => files.map((name) => text(name, n))),
      },
    );
    let mixed = 0;
    for (let going = true; going;) {
      const map = await ConfMap.fromFile(join(home, 'a.conf'));
      going =
        (await Promise.race([writer, Promise.resolve('going')])) === 'going';
      if (map.getString('A', 'n') !== map.getString('B', 'n')) mixed++;
    }
    // Two files are not renamed at once.
    expect({ mixed: hasPaused() ? 0 : mixed }).toEqual({ mixed: 0 });
  });

  it('a signal ends reading with its reason', async () => {
    const path = join(home, 'a.conf');
    writeFileSync(path, '[A]\nx=1');
    const reason = new Error('enough');
    await expect(
      ConfMap.fromFile(path, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    const controller = new AbortController();
    const reading = ConfMap.fromFile(path, { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(reading).rejects.toBe(reason);
  });

  it.runIf(existsSync(descriptors))(
    'whatever ends reading, no file stays open',
    async () => {
      const long = `[A]\n${'x=1\n'.repeat(500_000)}`;
      const path = write('a.conf', `${long}.include b.conf\n`);
      write('b.conf', `${long}.include a.conf\n`);
      expect((await refusal(path)).message).toContain('includes itself');
      expect(openFiles()).toEqual([]);
      const controller = new AbortController();
      const abortWhileOpen = async (): Promise<void> => {
        while (openFiles().length === 0) await nextTurn();
        controller.abort();
      };
      const { signal } = controller;
      const reading = ConfMap.fromFile(path, { signal });
      await Promise.all([
        expect(reading).rejects.toThrow('aborted'),
        abortWhileOpen(),
      ]);
      expect(openFiles()).toEqual([]);
      write('b.conf', Buffer.concat([Buffer.from(long), Buffer.from([0xff])]));
      expect((await refusal(path)).message).toContain('0xff');
      expect(openFiles()).toEqual([]);
    },
  );
});

/** The files of this test that the process has open. */
function openFiles(): string[] {
  return readdirSync(descriptors).flatMap((descriptor) => {
    try {
      const path = readlinkSync(join(descriptors, descriptor));
      return path.startsWith(home) ? [path] : [];
    } catch {
      // Closed since.
      return [];
    }
  });
}

function mkdirs(name: string): string {
  const path = join(home, name);
  mkdirSync(path, { recursive: true });
  return path;
}

function startWorker(code: string, workerData: unknown): Promise<string> {
  const worker = new Worker(code, { eval: true, workerData });
  return new Promise((done, fail) => {
    worker.once('error', fail);
    worker.once('exit', () => done('done'));
  });
}
