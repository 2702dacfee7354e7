import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.js';

const known = ['PrimaryPeer', 'VirtualIPAddr', 'VolumeList', 'Peers', 'ID'];

describe('the name that was probably meant', () => {
  it.each([
    ['primarypeer', 'PrimaryPeer'],
    ['PRIMARYPEER', 'PrimaryPeer'],
    ['PrimaryPear', 'PrimaryPeer'],
    ['PrimryPeer', 'PrimaryPeer'],
    ['PrimaryPeeer', 'PrimaryPeer'],
    ['PirmaryPeer', 'PrimaryPeer'],
    ['pirmarypeers', 'PrimaryPeer'],
    ['VirtualIpAdress', undefined],
    ['VirtualIpAdr', 'VirtualIPAddr'],
    ['Peer', 'Peers'],
    ['eP', undefined],
    ['id', 'ID'],
    ['IDs', 'ID'],
    ['I', undefined],
    ['Pers', 'Peers'],
    ['Pear', undefined],
    ['SecondaryPeer', undefined],
    ['VolumeGroupList', undefined],
    ['', undefined],
  ])('for %j is %j', (name, meant) => {
    expect(nearestName(name, known)).toBe(meant);
  });

  it('is none for a name that is known', () => {
    expect(nearestName('Peers', ['Peer', 'Peers'])).toBeUndefined();
    expect(nearestName('Peers', ['peers', 'Peers'])).toBeUndefined();
  });

  it('differs in case alone if one does, and is the first among equals', () => {
    expect(nearestName('size', ['sizes', 'Size', 'SIZE'])).toBe('Size');
    expect(nearestName('sizes', ['sixes', 'sized', 'size'])).toBe('sixes');
  });

  it('is found after as many errors as a name of its length may have', () => {
    const letters = fc.constantFrom(...'abcdefgh'.split(''));
    const name = fc.string({ unit: letters, minLength: 1, maxLength: 20 });
    const places = fc.array(fc.nat(100), { maxLength: 4 });
    fc.assert(
      fc.property(name, places, (original, wrongAt) => {
        const { length } = original;
        const wrong = original.split('');
        // A letter that none has, at places that are all different.
        const at = new Set(wrongAt.map((place) => place % length));
        for (const place of at) wrong[place] = 'z';
        const most = [2, 4, 12].filter((limit) => length > limit).length;
        const expected = at.size <= most && at.size > 0 ? original : undefined;
        expect(nearestName(wrong.join(''), [original])).toBe(expected);
      }),
    );
  });
});
