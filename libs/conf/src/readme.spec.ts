import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { compileFunction } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as conf from './index.js';

const readme = readFileSync(
  fileURLToPath(new URL('../README.md', import.meta.url)),
  'utf8',
);
const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
  ([, language, code]) => ({ language, code: code ?? '' }),
);

describe('the README', () => {
  it('shows a complete program before line 30, which prints what it says', async () => {
    const [program, output] = blocks;
    expect(program?.language).toBe('js');
    expect(readme.split('\n').indexOf('```js')).toBeLessThan(30);
    const home = mkdtempSync(join(tmpdir(), 'readme-'));
    const lines: string[] = [];
    const body = program!.code
      .replace(/^import (\{.*\}) from '(.*)';$/gm, "const $1 = modules['$2'];")
      .replaceAll("'demo.conf'", 'path');
    const run = compileFunction(`return (async () => { ${body} })();`, [
      'modules',
      'console',
      'path',
    ]) as (...values: unknown[]) => Promise<void>;
    try {
      await run(
        { 'node:fs/promises': files, '@nestjs-transitions/conf': conf },
        {
          log: (value: unknown) =>
            lines.push(typeof value === 'string' ? value : inspect(value)),
        },
        join(home, 'demo.conf'),
      );
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
    expect(`${lines.join('\n').replaceAll(`${home}/`, '')}\n`).toBe(
      output?.code,
    );
  });

  it('shows a format that parses', () => {
    const format = blocks[2]?.code.replace(/^\.include.*$/m, '') ?? '';
    expect(conf.ConfMap.parse(format).toObject()).toEqual({
      'Volume:photos': {
        FSID: ['7'],
        Peers: ['Peer0', 'Peer1', 'Peer2'],
        Motto: ['never again'],
        Nothing: [],
      },
    });
  });

  it('names the defaults of all limits', () => {
    for (const limit of Object.keys(conf.DEFAULT_LIMITS)) {
      expect(readme).toContain(`\`limits.${limit}\``);
    }
  });
});
