import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfMap, ConfValueError } from './index.js';

const source = `[S]
Text: word
Empty:
Two: a, b
Yes: YES
No: off
Maybe: maybe
Int: 42
Negative: -5
Plus: +7
Exponent: 1e3
Hex: 0x10
Fraction: 2.5
Huge: 9007199254740993
Uint64: 18446744073709551615
Beyond: 18446744073709551616
Base64: +/8AaGVsbG8=
Bytes: aGVsbG8
Bare: 10
Long: 1h2m3.5s
Short: 5us
Past: -1s
Uuid: 30AE4A7E-b28b-4fcf-b8c4-b65dbe25b5e7
`;
const map = ConfMap.parse(source, { path: 'main.conf' });

function thrownBy(action: () => unknown): ConfValueError {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfValueError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('getters', () => {
  it('give values of the wanted kind', () => {
    expect(map.getString('S', 'Text')).toBe('word');
    expect(map.getStrings('S', 'Two')).toEqual(['a', 'b']);
    expect(map.getStrings('S', 'Empty')).toEqual([]);
    expect(map.getBoolean('S', 'Yes')).toBe(true);
    expect(map.getBoolean('S', 'No')).toBe(false);
    expect(map.getInteger('S', 'Int')).toBe(42);
    expect(map.getInteger('S', 'Plus')).toBe(7);
    expect(map.getInteger('S', 'Negative', { min: -10 })).toBe(-5);
    expect(map.getNumber('S', 'Fraction')).toBe(2.5);
    expect(map.getNumber('S', 'Exponent')).toBe(1000);
    expect(map.getNumber('S', 'Negative')).toBe(-5);
    expect(map.getBigInt('S', 'Uint64')).toBe(2n ** 64n - 1n);
    expect(map.getBigInt('S', 'Plus')).toBe(7n);
    expect(map.getBigInt('S', 'Negative', { min: -5n })).toBe(-5n);
    expect(map.getBigInt('S', 'Beyond', { max: 2n ** 64n })).toBe(2n ** 64n);
    expect(map.getBase64('S', 'Base64')).toEqual(
      Uint8Array.of(0xfb, 0xff, 0, ...Buffer.from('hello')),
    );
    expect(map.getUuid('S', 'Uuid')).toBe(
      '30ae4a7e-b28b-4fcf-b8c4-b65dbe25b5e7',
    );
  });

  it.each([
    ['0', 0],
    ['10s', 10_000],
    ['1h2m3.5s', 3_723_500],
    ['10ms', 10],
    ['5us', 0.005],
    ['1ns', 0.000001],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['+2m', 120_000],
  ])('read the Go duration %s in milliseconds', (text, milliseconds) => {
    const confMap = ConfMap.fromObject({ S: { d: text } });
    expect(confMap.getDuration('S', 'd')).toBeCloseTo(milliseconds, 9);
  });

  it.each([
    ['getBoolean', 'Maybe', /S\] Maybe: expected true, yes.*got "maybe"/],
    ['getInteger', 'Negative', /whole number.*at least 0, got "-5"/],
    ['getInteger', 'Exponent', /decimal digits/],
    ['getInteger', 'Hex', /decimal digits/],
    ['getInteger', 'Fraction', /decimal digits/],
    ['getInteger', 'Huge', /whole number/],
    ['getInteger', 'Text', /got "word"/],
    ['getInteger', 'Uint64', /number.* from 0 to 9007199254740991, got "1844/],
    ['getBigInt', 'Beyond', /number.* from 0 to 18446744073709551615, got "18/],
    ['getBigInt', 'Negative', /from 0 to 18446744073709551615, got "-5"/],
    ['getBigInt', 'Hex', /decimal digits/],
    ['getBigInt', 'Fraction', /decimal digits/],
    ['getBigInt', 'Two', /expected one value, got 2 values/],
    ['getBase64', 'Bytes', /base64 with its padding.*got 7 characters/],
    ['getBase64', 'Uuid', /base64.*got 36 characters/],
    ['getNumber', 'Hex', /a number such as/],
    ['getNumber', 'Text', /a number such as/],
    ['getDuration', 'Bare', /a duration with units, such as 10s/],
    ['getDuration', 'Past', /at least 0 ms/],
    ['getDuration', 'Text', /a duration/],
    ['getUuid', 'Text', /a UUID such as/],
    ['getString', 'Empty', /expected one value, got none/],
    ['getString', 'Two', /expected one value, got 2 values/],
    ['getString', 'Missing', /expected the option "Missing"/],
  ] as const)('F18 %s refuses %s', (getter, option, message) => {
    const line = map.locate('S', option)?.line ?? 1;
    const refused = (): unknown => map[getter]('S', option);
    expect(refused).toThrow(ConfValueError);
    expect(refused).toThrow(message);
    expect(refused).toThrow(`main.conf:${line}: `);
  });

  it('F18 name section, option and place in the problem', () => {
    const error = thrownBy(() =>
      map.getInteger('S', 'Int', { min: 50, max: 60 }),
    );
    expect(error).toMatchObject({
      name: 'ConfValueError',
      code: 'CONF_VALUE',
      problems: [{ path: 'main.conf', line: 8, section: 'S', option: 'Int' }],
    });
    expect(error.message).toContain('from 50 to 60, got "42"');
  });

  it('say the limits of numbers that are too large, and no secrets [F117]', () => {
    const given = { min: -(2 ** 60), max: 2 ** 60 };
    expect(() => map.getInteger('S', 'Huge', given)).toThrow(
      'from -9007199254740991 to 9007199254740991, got "9007199254740993"',
    );
    expect(() => map.getInteger('S', 'Huge', { max: 9 })).toThrow(
      'from 0 to 9, got "9007199254740993"',
    );
    const secret = ConfMap.fromObject({ S: { key: 'c2VjcmV0IGtleQ' } });
    const { message } = thrownBy(() => secret.getBase64('S', 'key'));
    expect(message).not.toContain('c2Vj');
    const endless = ConfMap.fromObject({
      S: {
        zeros: `${'0'.repeat(1e5)}7`,
        nines: '9'.repeat(1e7),
        bytes: 'A'.repeat(1.6e7),
      },
    });
    expect(endless.getBigInt('S', 'zeros')).toBe(7n);
    expect(() => endless.getBigInt('S', 'nines')).toThrow(ConfValueError);
    expect(endless.getBase64('S', 'bytes')).toHaveLength(1.2e7);
    expect(() => endless.getBase64('S', 'zeros')).toThrow(ConfValueError);
  });

  it('use the fallback for a missing option only', () => {
    expect(map.getString('S', 'x', 'f')).toBe('f');
    expect(map.getString('X', 'x', 'f')).toBe('f');
    expect(map.getStrings('S', 'x', ['f'])).toEqual(['f']);
    expect(map.getBoolean('S', 'x', false)).toBe(false);
    expect(map.getInteger('S', 'x', { fallback: 0 })).toBe(0);
    expect(map.getNumber('S', 'x', { fallback: 0 })).toBe(0);
    expect(map.getDuration('S', 'x', { fallback: 0 })).toBe(0);
    expect(map.getUuid('S', 'x', 'f')).toBe('f');
    expect(map.getBigInt('S', 'x', { fallback: 1n })).toBe(1n);
    expect(map.getBase64('S', 'x', Uint8Array.of(1))).toEqual(Uint8Array.of(1));
    expect(() => map.getString('S', 'Empty', 'f')).toThrow(ConfValueError);
    expect(() => map.getString('X', 'x')).toThrow(/the section/);
  });

  it('name what may be the missing option, misspelt', () => {
    expect(() => map.getUuid('S', 'UUID')).toThrow(
      '[S] UUID: expected the option "UUID", which is missing; is it "Uuid", misspelt?',
    );
    expect(() => map.getUuid('S', 'x')).toThrow(/which is missing$/);
  });
});

describe('a map', () => {
  const inherited = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
  ];

  it.each(inherited)('F13 takes %s as an ordinary name', (name) => {
    const confMap = ConfMap.parse(`[${name}]\n${name}: ${name}\n`);
    expect(confMap.getString(name, name)).toBe(name);
    expect(confMap.sections()).toEqual([name]);
    const object = confMap.toObject();
    expect(Object.keys(object)).toEqual([name]);
    expect(Object.hasOwn(object[name]!, name)).toBe(true);
    expect(ConfMap.fromObject(object).equals(confMap)).toBe(true);
    expect(ConfMap.parse(confMap.dump()).equals(confMap)).toBe(true);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it.each(inherited)('F13 does not have %s by itself', (name) => {
    expect(map.has(name)).toBe(false);
    expect(map.has('S', name)).toBe(false);
    expect(map.section(name)).toBeUndefined();
    expect(map.options(name)).toEqual([]);
    expect(() => map.getStrings('S', name)).toThrow(ConfValueError);
  });

  it('I7 is frozen, with all that it hands out but the copies', () => {
    expect(Object.isFrozen(map)).toBe(true);
    expect(Object.isFrozen(map.section('S'))).toBe(true);
    expect(Object.isFrozen(map.getStrings('S', 'Two'))).toBe(true);
    expect(Object.isFrozen(map.warnings)).toBe(true);
    const before = map.dump();
    map.toObject()['S']!['Two']!.push('c');
    map.sections().push('T');
    map.options('S').push('o');
    expect(map.dump()).toBe(before);
  });

  it('and its sections and editors print no more than what they are', () => {
    const section = map.section('S');
    const editor = ConfMap.edit(map);
    expect([map, section, editor].map((each) => inspect(each))).toEqual([
      'ConfMap {}',
      "ConfSection { name: 'S' }",
      'ConfMapEditor {}',
    ]);
    expect(JSON.stringify([map, section, editor])).toBe('[{},{"name":"S"},{}]');
  });

  it('has its sections place by place, in the order of the file', () => {
    const confMap = ConfMap.parse('[B]\nx: 1\n[A]\nx: 2\n[B]\ny: 3\n');
    const places = Array.from({ length: confMap.size }, (_, at) => at);
    expect(places.map((at) => confMap.at(at)?.name)).toEqual(['B', 'A']);
    expect(['B', 'A', 'C'].map((name) => confMap.indexOf(name))).toEqual([
      0, 1, -1,
    ]);
    expect(confMap.at(0)).toBe(confMap.section('B'));
    expect(confMap.at(confMap.size)).toBeUndefined();
    expect(confMap.at(-1)).toBeUndefined();
  });

  it('dumps in pieces in the order of the file, however long a list is', () => {
    const values = Array.from({ length: 5_000 }, (_, index) => `v${index}`);
    const confMap = ConfMap.parse(
      `[Z]\nb: ${values.join(', ')}\na:\n:x=1 y\n[A]\nlong: with\\u002C\\u0020blank\n`,
    );
    const pieces = [...confMap.dumpInPieces()];
    const again = ConfMap.parse(pieces.join(''));
    expect(again.equals(confMap)).toBe(true);
    expect(again.sections()).toEqual(['Z', 'A']);
    expect(again.options('Z')).toEqual(['b', 'a', '']);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(
      10_000,
    );
  });

  it('dumps sorted and aligned, and sections apart', () => {
    const confMap = ConfMap.fromObject({
      b: { y: 'a b', Long: ['1', ','], e: [] },
      a: { x: '1' },
    });
    expect(confMap.dump()).toBe(
      '[a]\nx: 1\n\n[b]\nLong: 1, \\u002C\ne:\ny:    a\\u0020b\n',
    );
  });

  it('is equal to one with the same content in another order', () => {
    const one = ConfMap.parse('[A]\nx=1\ny=2 3\n[B]\nz=\n');
    const same = ConfMap.fromObject({
      B: { z: [] },
      A: { y: ['2', '3'], x: '1' },
    });
    expect(one.equals(same)).toBe(true);
    for (const text of [
      '[A]\nx=1\ny=3 2\n[B]\nz=\n',
      '[A]\nx=1\ny=2 3\n[B]\nz=1\n',
      '[A]\nx=1\ny=2 3\n[C]\nz=\n',
      '[A]\nx=1\ny=2 3\n',
      '[A]\nx=1\n[B]\nz=\n',
    ]) {
      expect(one.equals(ConfMap.parse(text))).toBe(false);
    }
  });

  it.each([
    { 'a b': { x: '1' } },
    { 'a*': { x: '1' } },
    { a: { 'x y': '1' } },
    { a: { '': '1' } },
    { a: { 'x:': '1' } },
    { a: { '[x]': '1' } },
    { a: { x: '' } },
    { a: { x: 'b\nc' } },
    { a: { x: 'b#c' } },
    { a: { x: 'b\tc' } },
    { a: { x: 'b\\u0020c' } },
    { a: { x: 'ü' } },
  ])('F14 is not made of what the format cannot write: %j', (object) => {
    expect(() => ConfMap.fromObject(object as never)).toThrow(ConfValueError);
  });
});

describe('overrides', () => {
  const base = ConfMap.parse('[Volume:v1]\na=1\nb=2\n[Volume:v.2]\na=1\n', {
    path: 'main.conf',
  });

  it.each([
    ['Volume:v1.a=2', 'Volume:v1', 'a', ['2']],
    ['Volume:v1.a: x y,z', 'Volume:v1', 'a', ['x', 'y', 'z']],
    ['  Volume:v1.a =  ', 'Volume:v1', 'a', []],
    ['New.c = a=b', 'New', 'c', ['a=b']],
    ['New.a.b=c', 'New', 'a.b', ['c']],
    ['Volume:v.2.a=3', 'Volume:v.2', 'a', ['3']],
    ['IP.Addr=1.2.3.4:80', 'IP', 'Addr', ['1.2.3.4:80']],
    ['S.o=a\\u0020b', 'S', 'o', ['a b']],
  ])('%s', (text, section, option, values) => {
    const changed = base.withOverrides([text]);
    expect(changed.getStrings(section, option)).toEqual(values);
    expect(changed.locate(section, option)).toEqual({
      path: '<overrides>',
      line: 1,
    });
  });

  it('replace one another in order and leave all else alone', () => {
    const changed = base.withOverrides(['Volume:v1.a=2', 'Volume:v1.a=3']);
    expect(changed.toObject()).toEqual({
      'Volume:v1': { a: ['3'], b: ['2'] },
      'Volume:v.2': { a: ['1'] },
    });
    expect(changed.section('Volume:v.2')).toBe(base.section('Volume:v.2'));
    expect(changed.locate('Volume:v1', 'b')).toEqual({
      path: 'main.conf',
      line: 3,
    });
    expect(base.getString('Volume:v1', 'a')).toBe('1');
    expect(base.withOverrides([])).toBe(base);
  });

  it('of what differs only in case from what exists are warned of, and done [F176]', () => {
    const cluster = ConfMap.parse(
      '[Cluster]\nWhoAmI: a\nwhoami: b\nPeers: a\nPeers: b\n',
      { path: 'main.conf' },
    );
    const [repeated] = cluster.warnings;
    const changed = cluster.withOverrides([
      'Cluster.WhoAmI=c',
      'Cluster.whoami=c',
      'cluster.peers=c',
      'Cluster.PEERS=c',
      'Cluster.New=c',
      'CLUSTER.Other=c',
    ]);
    const warned = [
      [3, 'cluster.peers', 'Cluster.Peers'],
      [4, 'Cluster.PEERS', 'Cluster.Peers'],
      [6, 'CLUSTER.Other', 'Cluster.Other'],
    ].map(([line, given, meant]) => {
      const message = `the override of ${given} makes a new option; did you mean ${meant}?`;
      const [section, option] = String(given).split('.');
      return { path: '<overrides>', line, section, option, message };
    });
    expect(changed.warnings).toEqual([repeated, ...warned]);
    expect(changed.getString('cluster', 'peers')).toBe('c');
    expect(cluster.warnings).toEqual([repeated]);
    const edited = ConfMap.edit(changed).delete('CLUSTER').build();
    expect(edited.warnings).toEqual(changed.warnings);
    const twice = changed.withOverrides(['cluster.Peers=d']);
    expect(twice.warnings).toHaveLength(5);
  });

  it('share a section that they leave as it is', () => {
    const changed = base.withOverrides(['Volume:v1.a=1']);
    expect(changed.section('Volume:v1')).toBe(base.section('Volume:v1'));
  });

  it('are refused all at once when malformed', () => {
    const bad = [
      '',
      'x',
      'a=b',
      '.a=b',
      'a.=b',
      'a.b',
      'a.[b]=c',
      'a.:b=c',
      'a*.b=c',
      'a.b=c # d',
      'a.b=c\nd=e',
      'a.b=,',
    ];
    const error = thrownBy(() => base.withOverrides([...bad, 'a.b=c']));
    expect(error.problems.map(({ line }) => line)).toEqual(
      bad.map((_, i) => i + 1),
    );
  });
});

describe('an edited map', () => {
  const base = ConfMap.parse('[A]\nx=1\ny=2\n[B]\nz=3\n[C]\nw=4\n', {
    path: 'main.conf',
  });

  it('has the changes, and the places of all that did not change', () => {
    const changed = ConfMap.edit(base)
      .set('D', 'x', ['1'], base.locate('A', 'x'))
      .delete('A', 'x')
      .set('B', 'v', [])
      .delete('C')
      .delete('E', 'nothing')
      .build();
    expect(changed.toObject()).toEqual({
      A: { y: ['2'] },
      B: { z: ['3'], v: [] },
      D: { x: ['1'] },
    });
    expect(changed.locate('A', 'y')).toEqual({ path: 'main.conf', line: 3 });
    expect(changed.locate('D', 'x')).toEqual({ path: 'main.conf', line: 2 });
    expect(changed.locate('B', 'v')).toBeUndefined();
    expect(changed.locate('C')).toBeUndefined();
    expect(changed.files).toEqual(base.files);
  });

  it('leaves the map it was made of as it was', () => {
    const before = base.toObject();
    ConfMap.edit(base).delete('A').set('B', 'z', ['9']).build();
    expect(base.toObject()).toEqual(before);
  });

  it('keeps the objects of sections that end up the same', () => {
    const changed = ConfMap.edit(base)
      .set('A', 'x', ['9'])
      .set('A', 'x', ['1'])
      .build();
    expect(changed.section('A')).toBe(base.section('A'));
    expect(changed.section('B')).toBe(base.section('B'));
  });

  it('can be edited again, and the editor can go on', () => {
    const editor = ConfMap.edit(base).set('A', 'x', ['5'], { line: 77 });
    const one = editor.build();
    const two = editor.set('A', 'x', ['6']).build();
    const three = ConfMap.edit(one).set('B', 'z', ['7']).build();
    expect(one.getString('A', 'x')).toBe('5');
    expect(two.getString('A', 'x')).toBe('6');
    expect(three.locate('A', 'x')).toEqual({ line: 77 });
    expect(one.locate('A', 'x')).toEqual({ line: 77 });
  });

  it('refuses at once what the format cannot write', () => {
    const editor = ConfMap.edit(base);
    expect(() => editor.set('A b', 'x', [])).toThrow(ConfValueError);
    expect(() => editor.set('A', 'x y', [])).toThrow(ConfValueError);
    expect(() => editor.set('A', 'x', ['ok', 'ü'])).toThrow(/"\\u00fc"/);
  });
});
