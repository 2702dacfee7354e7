import type { ConfMap } from '@nestjs-transitions/conf';
import type { EndedTransition } from '../ended-transition.js';
import { optionsOf, ParticipantModel } from '../participant-model.js';
import { topologyOf } from '../topologies.js';
import type { Violation } from '../violation.js';

/**
 * A reload that was rolled back leaves what was, before those that it supersedes,
 * but for what it released, and what was lost meanwhile.
 */
export function* rolledBack({
  report,
  absence,
  leftOver,
  before: own,
  after,
  inForce,
}: EndedTransition): Generator<Violation> {
  const before = leftOver?.before ?? own;
  if (report.outcome !== 'rolledBack' || report.kind === 'up') return;
  for (const [index, model] of after.entries()) {
    const expected = before[index]!.copy();
    // What an earlier transition left open is closed by the way.
    expected.signaled = false;
    expected.leaving.clear();
    for (const name of report.released) expected.setServed(name, false);
    for (const name of absence.volumes) expected.setServed(name, false);
    dropLostLeftovers(expected, model, inForce);
    takeConfiguredOptions(expected, model, inForce);
    takeUntold(expected, model);
    for (const { text } of absence.differencesOf(model, expected)) {
      yield { invariant: 'I23', message: `rolled back, but ${text}` };
    }
  }
}

/**
 * What an earlier transition left behind, and the configuration in force does
 * not have, cannot be created from it again: it may be gone. A volume of such a
 * group stays where it is, and so does the group that it is in. Nor is served
 * again what the configuration does not give to this peer.
 */
function dropLostLeftovers(
  expected: ParticipantModel,
  now: ParticipantModel,
  inForce: ConfMap | undefined,
): void {
  const wanted = inForce && topologyOf(inForce);
  for (const name of expected.groups.keys()) {
    if (now.groups.has(name) || wanted?.groups.has(name)) continue;
    expected.groups.delete(name);
  }
  for (const [name, volume] of expected.volumes) {
    const held = now.volumes.get(name);
    const configured = wanted?.volumes.get(name);
    if (held === undefined && configured === undefined) {
      expected.volumes.delete(name);
    } else if (held !== undefined && !expected.groups.has(volume.group)) {
      expected.volumes.set(name, { ...volume, group: held.group });
      const options = now.groups.get(held.group);
      if (options !== undefined) expected.groups.set(held.group, options);
    }
    if (configured?.served !== true && held?.served !== true) {
      expected.setServed(name, false);
    }
  }
}

/**
 * Options that an earlier transition left otherwise than the configuration in
 * force has them, or that it does not have, cannot be read from it again.
 */
function takeConfiguredOptions(
  expected: ParticipantModel,
  now: ParticipantModel,
  inForce: ConfMap | undefined,
): void {
  const isKept = (section: string, options: string): boolean =>
    inForce === undefined ||
    !inForce.has(section) ||
    options === optionsOf(inForce, section);
  for (const [name, options] of now.groups) {
    if (expected.groups.has(name) && isKept(`VolumeGroup:${name}`, options)) {
      expected.groups.set(name, options);
    }
  }
  for (const [name, { options }] of now.volumes) {
    const was = expected.volumes.get(name);
    if (was && isKept(`Volume:${name}`, options)) {
      expected.volumes.set(name, { ...was, options });
    }
  }
}

/**
 * What only a callback could tell that the participant lacks came to light since,
 * perhaps: that it held something, or no longer did.
 */
function takeUntold(expected: ParticipantModel, now: ParticipantModel): void {
  if (!now.has('up')) expected.up = now.up;
  for (const [name, options] of now.groups) {
    const isTold = now.has('volumeGroupCreated', 'volumeGroupDestroyed');
    if (!isTold) expected.groups.set(name, options);
  }
  for (const [name, volume] of now.volumes) {
    if (!now.has('volumeCreated', 'volumeDestroyed')) {
      const served = expected.serves(name);
      expected.volumes.set(name, { ...volume, served });
    }
    const tells = volume.served ? 'serveVolume' : 'unserveVolume';
    if (!now.has(tells)) expected.setServed(name, volume.served);
  }
}
