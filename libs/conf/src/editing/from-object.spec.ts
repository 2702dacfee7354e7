import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ConfMap, ConfValueError, type ConfInput } from '../index.js';

const make = (object: unknown): ConfMap =>
  ConfMap.fromObject(object as ConfInput);

function refusal(object: unknown): ConfValueError {
  try {
    make(object);
  } catch (error) {
    if (error instanceof ConfValueError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('plain data', () => {
  it('has numbers, bigints and booleans as values, alone and in lists [F113]', () => {
    const map = make({
      S: {
        number: 12,
        zero: -0,
        half: 0.5,
        large: 1e21,
        bigint: 18446744073709551615n,
        yes: true,
        list: [1, 'a', false, 2n, 1e-7],
        none: [],
      },
    });
    expect(map.toObject()['S']).toEqual({
      number: ['12'],
      zero: ['0'],
      half: ['0.5'],
      large: ['1e+21'],
      bigint: ['18446744073709551615'],
      yes: ['true'],
      list: ['1', 'a', 'false', '2', '1e-7'],
      none: [],
    });
    expect(map.getNumber('S', 'large')).toBe(1e21);
    expect(ConfMap.parse(map.dump()).equals(map)).toBe(true);
  });

  it('may come from another realm, and have no prototype', () => {
    const foreign: unknown = runInNewContext('({ S: { o: ["x", 1] } })');
    const bare = Object.assign(Object.create(null), { S: { o: ['x', 1] } });
    expect(make(foreign).equals(make(bare))).toBe(true);
  });

  it.each([
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'a symbol'],
    [() => 1, 'a function'],
    [{ nested: 'x' }, 'an object'],
    [new Date(0), 'an object of a class'],
    [new Set(['x']), 'an object of a class'],
    [Object('x'), 'an object of a class'],
    [['x', null], 'null'],
    [['x', ['y']], 'a list'],
    [['x', { y: 1 }], 'an object'],
    [Object.assign([], { length: 1 }), 'undefined'],
  ])('has no value %j: it says section and option [F113]', (value, got) => {
    expect(refusal({ S: { o: value } }).problems).toEqual([
      {
        section: 'S',
        option: 'o',
        message: `[S] o: expected a string, a finite number, a bigint or a boolean, or a list of these, got ${got}`,
      },
    ]);
  });

  it.each([
    [null, 'null'],
    ['x', '"x"'],
    [12, '12'],
    [['x'], 'a list'],
    [new Map([['o', 'x']]), 'an object of a class'],
  ])('has no section %j, and is not that itself [F113]', (value, got) => {
    expect(refusal({ S: value }).problems).toEqual([
      {
        section: 'S',
        message: `[S] expected an object of options, got ${got}`,
      },
    ]);
    expect(refusal(value).message).toBe(
      `expected an object of sections, got ${got}`,
    );
  });

  it('is refused with everything that is wrong with it [F113]', () => {
    const { problems, message } = refusal({
      'a b': { x: 1, y: null },
      c: 'x',
      d: { 'x y': 1, e: '', f: ['ok', 'ü'], ok: 1 },
    });
    expect(problems.map(({ section, option }) => [section, option])).toEqual([
      ['a b', undefined],
      ['a b', 'y'],
      ['c', undefined],
      ['d', 'x y'],
      ['d', 'e'],
      ['d', 'f'],
    ]);
    expect(message).toContain('[d] f: expected a value of letters, digits');
    expect(message).toContain('[d] e: expected a value that is not empty');
  });

  it('with endless mistakes is refused with the first of them', () => {
    const many = Array.from({ length: 1000 }, (_, i) => [`o${i}`, null]);
    const { problems } = refusal({ S: Object.fromEntries(many) });
    expect(problems).toHaveLength(101);
  });
});
