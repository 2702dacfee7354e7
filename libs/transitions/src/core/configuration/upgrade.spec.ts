import { ConfMap } from '@nestjs-transitions/conf';
import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../model/errors.js';
import { upgradeConfMapIfNeeded, upgrading } from './upgrade.js';

const old = `[Cluster]
WhoAmI: A
[FSGlobals]
VolumeList: photos, mail
[Transitions]
AutoVolumeGroupPrefix: VG_
AutoVolumeGroupSuffix: _x
[Volume:photos]
PrimaryPeer: A
FlowControl: fast
[Volume:mail]
PrimaryPeer:
FlowControl: fast
[FlowControl:fast]
ReadCacheLineSize: 1
ReadCacheWeight: 2
MaxFlushSize: 3
MaxFlushTime: 4
FileDefragmentChunkSize: 5
`;

describe('upgradeConfMapIfNeeded', () => {
  it('F31 gives each volume a group of its own, and its flow control to both', () => {
    const upgraded = upgradeConfMapIfNeeded(ConfMap.parse(old)).toObject();
    expect(upgraded['FSGlobals']).toEqual({
      VolumeGroupList: ['VG_photos_x', 'VG_mail_x'],
    });
    expect(upgraded['VolumeGroup:VG_photos_x']).toEqual({
      VolumeList: ['photos'],
      VirtualIPAddr: [],
      PrimaryPeer: ['A'],
      ReadCacheLineSize: ['1'],
      ReadCacheWeight: ['2'],
    });
    expect(upgraded['Volume:photos']).toEqual({
      MaxFlushSize: ['3'],
      MaxFlushTime: ['4'],
      FileDefragmentChunkSize: ['5'],
    });
    expect(upgraded['FlowControl:fast']).toBeUndefined();
  });

  it('F31 what was moved is still named by the place where it stands', () => {
    const upgraded = upgradeConfMapIfNeeded(
      ConfMap.parse(old, { path: 'old.conf' }),
    );
    expect(upgraded.locate('VolumeGroup:VG_photos_x', 'PrimaryPeer')).toEqual({
      path: 'old.conf',
      line: 9,
    });
    expect(upgraded.locate('FSGlobals', 'VolumeGroupList')).toMatchObject({
      line: 4,
    });
  });

  it('F31 I7 leaves its argument alone, also where it fails, and upgrades once only', () => {
    const given = ConfMap.parse(old);
    const upgraded = upgradeConfMapIfNeeded(given);
    expect(given.dump()).toBe(ConfMap.parse(old).dump());
    expect(upgradeConfMapIfNeeded(upgraded)).toBe(upgraded);
    const broken = ConfMap.parse(
      old.replace('[Volume:mail]', '[Volume:other]'),
    );
    const text = broken.dump();
    expect(() => upgradeConfMapIfNeeded(broken)).toThrow(ConfigurationError);
    expect(broken.dump()).toBe(text);
  });

  it.each([
    ['both lists', old.replace('mail\n', 'mail\nVolumeGroupList: g\n'), 'both'],
    ['neither', old.replace('VolumeList', 'Other'), 'neither'],
  ])('F31 refuses %s', (_name, text, message) => {
    expect(() => upgradeConfMapIfNeeded(ConfMap.parse(text))).toThrow(message);
  });

  it('F31 tells all that the old form lacks', () => {
    const lacking = old
      .replace('PrimaryPeer: A\n', '')
      .replace('MaxFlushSize: 3\n', '')
      .replace('[Volume:mail]\nPrimaryPeer:\nFlowControl: fast\n', '');
    let problems: readonly string[] = [];
    try {
      upgradeConfMapIfNeeded(ConfMap.parse(lacking));
    } catch (thrown) {
      problems = (thrown as ConfigurationError).problems.map((p) => p.message);
    }
    expect(problems).toEqual([
      'Volume:photos.PrimaryPeer is missing',
      'FlowControl:fast.MaxFlushSize is missing',
      '[Volume:mail] is missing',
    ]);
  });

  it('is work that grows as the volumes do, and is done few volumes at a time (F116)', () => {
    const small = workOf(2_000);
    const large = workOf(4_000);
    expect(large.longest).toBe(small.longest);
    expect(large.longest).toBeLessThan(1_000);
    expect(large.asked).toBeLessThan(2.1 * small.asked);
    expect(large.yields).toBeGreaterThan(4_000 / 64);
    expect(large.yields).toBeLessThan(2.1 * small.yields);
  });
});

/** The work for so many volumes with one flow control: what the map is asked, and how often others have their turn. */
function workOf(count: number) {
  const names = Array.from({ length: count }, (_, i) => `v${i}`);
  const volumes = names.map(
    (name) => `[Volume:${name}]\nPrimaryPeer: A\nFlowControl: fast\n`,
  );
  const text = old.replace(/photos, mail/, names.join(', '));
  const confMap = ConfMap.parse(text + volumes.join(''));
  const spies = (['has', 'section', 'locate'] as const).map((method) =>
    vi.spyOn(ConfMap.prototype, method),
  );
  const countCalls = (): number =>
    spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  let asked = 0;
  let longest = 0;
  let yields = 0;
  const work = upgrading(confMap);
  for (;;) {
    const { done } = work.next();
    longest = Math.max(longest, countCalls() - asked);
    asked = countCalls();
    if (done) break;
    yields++;
  }
  for (const spy of spies) spy.mockRestore();
  return { asked, longest, yields };
}
