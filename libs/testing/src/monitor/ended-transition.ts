import {
  CallbackTimeoutError,
  type CallRecord,
  type TransitionReport,
} from 'nestjs-transitions/core';
import type { ConfMap } from '@nestjs-transitions/conf';
import { lineOf, type Call } from '../call-log.js';
import { optionsOf, ParticipantModel } from './participant-model.js';
import { orderViolations, topologyOf } from './phase-order.js';
import type { Violation } from './violation.js';

/** A transition that has ended, as the monitor saw it. */
export interface EndedTransition {
  readonly report: TransitionReport;
  /** The steps of the report. */
  readonly steps: readonly CallRecord[];
  /** Its calls, in the order in which they began. */
  readonly calls: readonly Call[];
  /** The participants in ascending order, before it and after it. */
  readonly before: readonly ParticipantModel[];
  readonly after: readonly ParticipantModel[];
  /** The configuration in force before it. */
  readonly inForce: ConfMap | undefined;
  /** What the participants held before it was exactly that configuration. */
  readonly wasClean: boolean;
}

/** What did not hold of a transition, now that it has ended. */
export function* violationsOf(ended: EndedTransition): Generator<Violation> {
  yield* reportViolations(ended);
  yield* orderOf(ended);
  yield* outcomeViolations(ended);
  yield* repetitions(ended);
  yield* servedInReleased(ended);
  yield* configurationsGiven(ended);
}

function* reportViolations({
  steps,
  calls,
}: EndedTransition): Generator<Violation> {
  const reported = steps.map(
    ({ participant, callback, target }) =>
      `${participant}.${callback} ${target}`,
  );
  const made = calls.map(
    ({ participant, callback, target }) =>
      `${participant}.${callback} ${target}`,
  );
  const at = made.findIndex((line, index) => line !== reported[index]);
  if (at !== -1 || made.length !== reported.length) {
    const where = at === -1 ? made.length : at;
    const message = `step ${where} of the report is ${reported[where]}, the call was ${made[where]}`;
    yield { invariant: 'I29', message };
    return;
  }
  for (const [index, { outcome, error }] of steps.entries()) {
    const call = calls[index]!;
    const fits =
      outcome === 'unknown'
        ? error instanceof CallbackTimeoutError
        : outcome === call.outcome;
    if (fits) continue;
    const message = `the report says ${outcome} of ${lineOf(call)}, which is ${call.outcome}`;
    yield { invariant: 'I24', message };
  }
}

function* orderOf(ended: EndedTransition): Generator<Violation> {
  const { report, steps, calls, after } = ended;
  const participants = after.map(({ name }) => name);
  const late = steps.some(({ outcome }) => outcome === 'unknown');
  const before =
    ended.wasClean && ended.inForce
      ? topologyOf({ confMap: ended.inForce })
      : undefined;
  const forward = calls.filter(({ kind }) => kind === report.kind);
  const back = calls.filter(({ kind }) => kind === 'rollback');
  // After a late settlement a Down, or undoing, begins once more with what is left.
  if (!(late && report.kind === 'down')) {
    yield* orderViolations({
      kind: report.kind,
      calls: forward,
      participants,
      before,
      newInOrder: true,
    });
  }
  const way = report.kind === 'up' ? 'down' : 'signaled';
  if (!late) {
    yield* orderViolations({
      kind: way,
      calls: back,
      participants,
      before: undefined,
      newInOrder: report.configuration === 'old',
    });
  }
}

function* outcomeViolations(ended: EndedTransition): Generator<Violation> {
  const { report, calls, after } = ended;
  const { outcome, kind } = report;
  const isClean = outcome === 'applied' || outcome === 'unchanged';
  if (isClean !== (report.errors.length === 0)) {
    const message = isClean
      ? `${outcome}, with an error: ${report.errors[0]!.message}`
      : `${outcome} without an error`;
    yield { invariant: 'I29', message };
  }
  if (outcome === 'rejected') yield* changesOf(calls);
  if (outcome === 'rolledBack') yield* notRolledBack(ended);
  if (!isClean) return;
  if (kind === 'down') {
    for (const model of after) yield* leftovers(model, 'I19');
    return;
  }
  const confMap = calls[0]?.confMap;
  if (confMap === undefined) {
    yield {
      invariant: 'I22',
      message: `${outcome}, though nothing was called`,
    };
    return;
  }
  for (const model of after) yield* differencesFrom(model, confMap);
}

function* changesOf(calls: readonly Call[]): Generator<Violation> {
  const call = calls.find(({ callback }) => callback !== 'validate');
  if (call === undefined) return;
  yield {
    invariant: 'I23',
    message: `rejected, though ${lineOf(call)} was called`,
  };
}

function* notRolledBack(ended: EndedTransition): Generator<Violation> {
  const { report, before, after } = ended;
  for (const [index, model] of after.entries()) {
    if (report.kind === 'up') {
      yield* leftovers(model, 'I23');
      continue;
    }
    const expected = before[index]!.copy();
    // What an earlier transition left open is closed by the way.
    expected.signaled = false;
    expected.leaving.clear();
    for (const name of report.released) {
      const volume = expected.volumes.get(name);
      if (volume) expected.volumes.set(name, { ...volume, served: false });
    }
    dropLostLeftovers(expected, model, ended.inForce);
    takeConfiguredOptions(expected, model, ended.inForce);
    const [was, is] = [expected, model.copy()].map((one) =>
      describe(withoutOptionsOfLeftovers(one, ended.inForce)),
    );
    if (was === is) continue;
    const message = `rolled back, but ${model.name} holds ${is}; before, less what was released, it held ${was}`;
    yield { invariant: 'I23', message };
  }
}

const described = new WeakMap<ConfMap, string>();

/**
 * What an earlier transition left behind, and the configuration in force does
 * not have, cannot be created from it again: it may be gone.
 */
function dropLostLeftovers(
  expected: ParticipantModel,
  { groups, volumes }: ParticipantModel,
  inForce: ConfMap | undefined,
): void {
  const wanted = inForce && topologyOf({ confMap: inForce });
  for (const name of expected.groups.keys()) {
    if (groups.has(name) || wanted?.groups.has(name)) continue;
    expected.groups.delete(name);
  }
  for (const [name, volume] of expected.volumes) {
    const now = volumes.get(name);
    if (now === undefined && !wanted?.volumes.has(name)) {
      expected.volumes.delete(name);
    } else if (now !== undefined && !expected.groups.has(volume.group)) {
      expected.volumes.set(name, { ...volume, group: now.group });
    }
  }
}

/**
 * Options that an earlier transition left otherwise than the configuration in
 * force has them cannot be read from it again: they may be as it has them.
 */
function takeConfiguredOptions(
  expected: ParticipantModel,
  { groups, volumes }: ParticipantModel,
  inForce: ConfMap | undefined,
): void {
  if (inForce === undefined) return;
  for (const [name, now] of groups) {
    const configured = optionsOf(inForce, `VolumeGroup:${name}`);
    if (expected.groups.has(name) && now === configured) {
      expected.groups.set(name, now);
    }
  }
  for (const [name, { options }] of volumes) {
    const was = expected.volumes.get(name);
    if (was && options === optionsOf(inForce, `Volume:${name}`)) {
      expected.volumes.set(name, { ...was, options });
    }
  }
}

/**
 * A configuration does not have what an earlier transition left behind: a
 * participant cannot read the options of that from it.
 */
function withoutOptionsOfLeftovers(
  model: ParticipantModel,
  inForce: ConfMap | undefined,
): ParticipantModel {
  for (const name of model.groups.keys()) {
    if (!inForce?.has(`VolumeGroup:${name}`)) model.groups.set(name, '');
  }
  for (const [name, volume] of model.volumes) {
    if (!inForce?.has(`Volume:${name}`)) {
      model.volumes.set(name, { ...volume, options: '' });
    }
  }
  return model;
}

/** What a participant holds otherwise than a topology wants it to. */
export function* differencesFrom(
  model: ParticipantModel,
  confMap: ConfMap,
): Generator<Violation> {
  let wanted = described.get(confMap);
  if (wanted === undefined) {
    described.set(confMap, (wanted = describe(modelOf(confMap))));
  }
  const is = describe(model);
  if (is === wanted) return;
  const message = `${model.name} holds ${is}; the configuration says ${wanted}`;
  yield { invariant: 'I16', message };
}

function* leftovers(
  model: ParticipantModel,
  invariant: string,
): Generator<Violation> {
  if (!model.up && model.groups.size === 0 && model.volumes.size === 0) return;
  yield { invariant, message: `${model.name} still holds ${describe(model)}` };
}

/** A participant to whom a configuration was applied. */
function modelOf(confMap: ConfMap): ParticipantModel {
  const { groups, volumes } = topologyOf({ confMap });
  const model = new ParticipantModel('');
  model.up = true;
  for (const name of groups.keys()) {
    model.groups.set(name, optionsOf(confMap, `VolumeGroup:${name}`));
  }
  for (const { name, groupName: group, served } of volumes.values()) {
    const options = optionsOf(confMap, `Volume:${name}`);
    model.volumes.set(name, { group, served, options });
  }
  return model;
}

/** What a participant holds, in one line. */
function describe(model: ParticipantModel): string {
  const volumes = [...model.volumes].map(
    ([name, { group, served, options }]) =>
      `${group}/${name}${served ? '+' : ''}${options && `?${options}`}`,
  );
  return [
    `up ${model.up} signaled ${model.signaled}`,
    [...model.groups]
      .map(([name, options]) => `${name}?${options}`)
      .sort()
      .join(),
    volumes.sort().join(),
    [...model.leaving].sort().join(),
  ].join(' | ');
}

/** No call is made twice in one direction: compensations cannot loop. */
function* repetitions({ calls }: EndedTransition): Generator<Violation> {
  const seen = new Set<string>();
  for (const call of calls) {
    const key = `${call.kind} ${call.participant} ${call.callback} ${call.target}`;
    if (seen.has(key)) {
      yield {
        invariant: 'I28',
        message: `${lineOf(call)} (${call.kind}) came twice`,
      };
    }
    seen.add(key);
  }
}

/**
 * A volume that another peer is to serve, and for which an unserveVolume was
 * issued, is not served again by undoing.
 */
function* servedInReleased({ calls }: EndedTransition): Generator<Violation> {
  const given = new Set<string>();
  for (const call of calls) {
    const { callback, kind, target } = call;
    if (callback === 'unserveVolume' && kind === 'signaled') {
      const { groups, volumes, whoAmI } = topologyOf(call);
      const primary = groups.get(
        volumes.get(target!)?.groupName ?? '',
      )?.primaryPeer;
      if (primary && primary !== whoAmI) given.add(target!);
    }
    if (
      callback === 'serveVolume' &&
      kind === 'rollback' &&
      given.has(target!)
    ) {
      const message = `${lineOf(call)} undoes what another peer may build on by now`;
      yield { invariant: 'F35', message };
    }
  }
}

/** Forward steps are given the new configuration, compensations the old one. */
function* configurationsGiven({
  report,
  calls,
}: EndedTransition): Generator<Violation> {
  const forward = calls.find(({ kind }) => kind === report.kind);
  for (const call of calls) {
    if (forward === undefined) return;
    const expected =
      call.kind === report.kind || report.kind === 'up'
        ? forward.confMap
        : forward.previous;
    if (call.confMap === expected) continue;
    const message = `${lineOf(call)} (${call.kind}) was given the other configuration`;
    yield { invariant: 'I18', message };
  }
}
