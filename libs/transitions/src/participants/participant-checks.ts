import { nearestName } from '@nestjs-transitions/conf';
import {
  orderNumber,
  problemsOfNames,
  textOf,
  flag,
  timeLimit,
  wholeFromOne,
  type ValueKind,
} from '../checks/value-kinds.js';
import { callbackNames } from '../core/model/callback-table.js';
import type { ParticipantCandidate } from './participant-candidate.js';
import { methodNamesOf } from './method-names.js';
import type { TransitionParticipantOptions } from './participant.decorator.js';

/** What is wrong with candidates before their order matters. */
export function problemsOfCandidates(
  candidates: readonly ParticipantCandidate[],
): string[] {
  return [
    ...problemsOfSharedNames(candidates),
    ...candidates.flatMap(problemsOfOne),
  ];
}

/** What is doubtful about candidates. */
export function warningsOfCandidates(
  candidates: readonly ParticipantCandidate[],
): string[] {
  return [
    ...warningsOfNone(candidates),
    ...candidates.flatMap(warningsOfOne),
    ...warningsOfDestroyed(candidates),
  ];
}

function problemsOfSharedNames(
  candidates: readonly ParticipantCandidate[],
): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of candidates) (seen.has(name) ? twice : seen).add(name);
  const nameless = seen.has('')
    ? ['a participant has no name; give the class one, or the option `name`']
    : [];
  return [
    ...nameless,
    ...Array.from(
      twice,
      (name) =>
        `two participants are named ${name}; give one of them a name of its own, or provide the class in one module only and export it`,
    ),
  ];
}

/** What each option may be; of `after` see the order of participants. */
const optionKinds = {
  name: undefined,
  order: orderNumber,
  after: undefined,
  concurrency: wholeFromOne,
  timeout: timeLimit,
  keepsPace: flag,
} satisfies Record<keyof TransitionParticipantOptions, ValueKind | undefined>;

function problemsOfOne(candidate: ParticipantCandidate): string[] {
  const { name, options, callbacks } = candidate;
  const problems = problemsOfNames(options, Object.keys(optionKinds)).map(
    (problem) => `participant ${name}: ${problem}`,
  );
  for (const option of ['order', 'concurrency', 'timeout'] as const) {
    const value: unknown = options[option];
    const { accepts, expected } = optionKinds[option];
    if (value === undefined || accepts(value)) continue;
    problems.push(
      `participant ${name} has ${option} ${textOf(value)}; expected ${expected}`,
    );
  }
  for (const callback of callbackNames) {
    const value: unknown = callbacks[callback];
    if (value === undefined || typeof value === 'function') continue;
    problems.push(
      `participant ${name} has ${textOf(value)} as its ${callback}; expected a method`,
    );
  }
  return problems;
}

// The module's own, of which every application has some.
const ownParticipants: readonly string[] = ['Logger', 'VolumeGate'];

function warningsOfNone(candidates: readonly ParticipantCandidate[]): string[] {
  return candidates.every(({ name }) => ownParticipants.includes(name))
    ? [
        'There is no participant, so nothing follows the configuration: decorate a provider with @TransitionParticipant(), or register one with TransitionsService.register().',
      ]
    : [];
}

function warningsOfOne({ name, callbacks }: ParticipantCandidate): string[] {
  const has = (callback: string): boolean => callback in callbacks;
  const warnings = methodNamesOf(callbacks).flatMap((method) => {
    if (isCallback(method)) return [];
    const meant = nearestName(method, callbackNames);
    // Beside the callback itself it is a method that is meant.
    if (meant === undefined || has(meant)) return [];
    return [
      `Participant ${name} has a method ${method}, which nothing calls; did you mean ${meant}?`,
    ];
  });
  if (!callbackNames.some(has)) {
    warnings.push(`Participant ${name} has none of the callbacks.`);
  }
  if ('onModuleDestroy' in callbacks) {
    warnings.push(
      `Participant ${name} has onModuleDestroy, which Nest calls before Down: what it closes there is gone when its callbacks need it. Close it in down() or onApplicationShutdown.`,
    );
  }
  return warnings;
}

function isCallback(method: string): boolean {
  return (callbackNames as readonly string[]).includes(method);
}

function warningsOfDestroyed(
  candidates: readonly ParticipantCandidate[],
): string[] {
  const dependents = new Map<string, string[]>();
  for (const { name, dependsOnDestroyed } of candidates) {
    for (const destroyed of dependsOnDestroyed) {
      const names = dependents.get(destroyed) ?? [];
      dependents.set(destroyed, [...names, name]);
    }
  }
  return Array.from(
    dependents,
    ([destroyed, names]) =>
      `${destroyed} has onModuleDestroy, which Nest calls before Down, and these participants depend on it: ${names.join(', ')}. What it closes there is gone when their callbacks need it; close it in onApplicationShutdown.`,
  );
}
