import { describe, expect, it } from 'vitest';
import { ConfMap } from '../index.js';

const beforeText = `# head
[Cluster]
WhoAmI: Peer0

[Volume:v1]
Size: 1 # one

[Volume:v2]
Size: 2

[Volume:v3]
Size: 3
`;

const before = ConfMap.parse(beforeText, { path: 'main.conf' });

const reparse = (text: string): ConfMap =>
  ConfMap.parse(text, { path: 'main.conf', previous: before });

const shared = (after: ConfMap): string[] =>
  after
    .sections()
    .filter((name) => after.section(name) === before.section(name));

describe('parsing with a previous map', () => {
  it('gives the previous map itself for the same text', () => {
    expect(reparse(beforeText)).toBe(before);
  });

  it('gives another map when the path or a place differs', () => {
    expect(ConfMap.parse(beforeText, { path: 'b', previous: before })).not.toBe(
      before,
    );
    const moved = reparse(`\n${beforeText}`);
    expect(moved).not.toBe(before);
    expect(moved.locate('Volume:v2', 'Size')).toMatchObject({ line: 10 });
    expect(before.locate('Volume:v2', 'Size')).toMatchObject({ line: 9 });
    expect(shared(moved)).toHaveLength(4);
  });

  it.each([
    ['a changed section', beforeText.replace('Size: 2', 'Size: 20'), 3],
    [
      'a removed section',
      beforeText.replace('[Volume:v2]\nSize: 2\n\n', ''),
      3,
    ],
    [
      'an added section',
      beforeText.replace('[Volume:v2]', '[New]\nx=1\n[Volume:v2]'),
      4,
    ],
    ['an added last section', `${beforeText}[Volume:v4]\nSize: 4\n`, 4],
    ['a longer last section', `${beforeText}Other: 4\n`, 3],
    ['a changed comment', beforeText.replace('# one', '# two'), 4],
    ['CRLF', beforeText.replaceAll('\n', '\r\n'), 4],
    ['a missing last newline', beforeText.trimEnd(), 4],
    ['a repeated section', `${beforeText}[Volume:v1]\nOther: 1\n`, 3],
    [
      'a section that comes twice alike',
      `${beforeText}[Volume:v1]\nSize: 1 # one\n`,
      4,
    ],
    [
      'reversed sections',
      beforeText
        .split('\n\n')
        .map((s) => `${s.trimEnd()}\n`)
        .reverse()
        .join('\n'),
      4,
    ],
  ])('shares what did not change: %s', (_, text, count) => {
    const after = reparse(text);
    const fresh = ConfMap.parse(text, { path: 'main.conf' });
    expect(after.toObject()).toEqual(fresh.toObject());
    expect(after.sections()).toEqual(fresh.sections());
    expect(after.warnings).toEqual(fresh.warnings);
    expect(shared(after)).toHaveLength(count);
    for (const section of fresh.sections()) {
      expect(after.locate(section)).toEqual(fresh.locate(section));
      for (const option of fresh.options(section)) {
        expect(after.locate(section, option)).toEqual(
          fresh.locate(section, option),
        );
      }
    }
  });

  it('does not share a section whose options changed their order', () => {
    const one = ConfMap.parse('[A]\nx=1\ny=2\n');
    const other = ConfMap.parse('[A]\ny=2\nx=1\n', { previous: one });
    expect(other.section('A')).not.toBe(one.section('A'));
    expect(other.section('A')?.equals(one.section('A')!)).toBe(true);
    expect(other.options('A')).toEqual(['y', 'x']);
  });

  it('warns again of what was doubtful before', () => {
    const one = ConfMap.parse('[A]\nx=1\nx=2\n[B]\ny=1\n');
    const other = ConfMap.parse('\n[A]\nx=1\nx=2\n[B]\ny=1\n', {
      previous: one,
    });
    expect(other.warnings).toMatchObject([{ line: 4, option: 'x' }]);
    expect(other.section('A')).toBe(one.section('A'));
  });

  it('shares over many generations', () => {
    let map = before;
    for (let i = 0; i < 20; i++) {
      map = ConfMap.parse(beforeText.replace('Size: 2', `Size: 2${i}`), {
        path: 'main.conf',
        previous: map,
      });
    }
    expect(shared(map)).toEqual(['Cluster', 'Volume:v1', 'Volume:v3']);
  });

  it('compares a changed map as it was parsed', () => {
    const changed = before.withOverrides(['Cluster.WhoAmI=Peer1']);
    const after = ConfMap.parse(beforeText, {
      path: 'main.conf',
      previous: changed,
    });
    expect(after).toBe(before);
    expect(after.withOverrides(['Cluster.WhoAmI=Peer1'])).toBe(changed);
  });

  it('F22 leaves the previous map alone when the text is malformed', () => {
    const content = before.toObject();
    const sections = before.sections().map((name) => before.section(name));
    expect(() => reparse(beforeText.replace('Size: 3', 'Size'))).toThrow(
      'main.conf:12',
    );
    expect(before.toObject()).toEqual(content);
    expect(before.sections().map((name) => before.section(name))).toEqual(
      sections,
    );
    expect(reparse(beforeText)).toBe(before);
  });
});

describe('finding sections', () => {
  const text = (names: readonly string[]): string =>
    names.map((name) => `[${name}]\nName: ${name}\n`).join('');
  const named = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const found = (map: ConfMap, names: readonly string[]) =>
    names.map((name) => map.section(name)?.get('Name')?.[0]);

  it('finds each in whatever order it is asked', () => {
    const names = named('s', 50);
    const map = ConfMap.parse(text(names));
    const byTurns = names.map((_, i) => names[(i * 17) % 50]!);
    for (const order of [names, names.toReversed(), byTurns]) {
      expect(found(map, order)).toEqual(order);
    }
    expect(found(map, ['S0', 's50', 's'])).toEqual(Array(3).fill(undefined));
  });

  it('finds in each map of a line its own, however many names have come and gone', () => {
    const names = 'abcdea'.split('').map((prefix) => named(prefix, 1000));
    const maps: ConfMap[] = [];
    for (const each of names) {
      const previous = maps.at(-1);
      maps.push(ConfMap.parse(text(each), previous ? { previous } : {}));
    }
    for (const [i, map] of maps.entries()) {
      expect(found(map, names[i]!.toReversed())).toEqual(
        names[i]!.toReversed(),
      );
      expect(found(map, ['b5', 'e5'])).toEqual(
        ['b5', 'e5'].map((name) =>
          names[i]!.includes(name) ? name : undefined,
        ),
      );
    }
  });
});
