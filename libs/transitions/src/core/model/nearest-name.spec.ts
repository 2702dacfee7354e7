import { describe, expect, it } from 'vitest';
import { didYouMean, nearestName } from './nearest-name.js';

const names = ['up', 'serveVolume', 'unserveVolume', 'after', 'concurrency'];

describe('nearestName', () => {
  it.each([
    ['concurency', 'concurrency'],
    ['serveVolumes', 'serveVolume'],
    ['unserveVolum', 'unserveVolume'],
    ['unsreveVolume', 'unserveVolume'],
    ['servevolume', 'serveVolume'],
    ['afetr', 'after'],
    ['Up', 'up'],
  ])('%s is meant to be %s', (name, meant) => {
    expect(nearestName(name, names)).toBe(meant);
  });

  it.each(['serveVolume', 'ups', 'other', 'close', 'toString', ''])(
    '%s is like none of the others',
    (name) => {
      expect(nearestName(name, names)).toBeUndefined();
      expect(didYouMean(name, names)).toBe('');
    },
  );
});
