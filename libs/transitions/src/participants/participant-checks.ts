import type { ParticipantCandidate } from './participant-candidate.js';

/** What is wrong with candidates before their order matters: names and numbers. */
export function problemsOfCandidates(
  candidates: readonly ParticipantCandidate[],
): string[] {
  return [...problemsOfNames(candidates), ...candidates.flatMap(problemsOfOne)];
}

/** What is doubtful about candidates. */
export function warningsOfCandidates(
  candidates: readonly ParticipantCandidate[],
): string[] {
  return candidates
    .filter(({ callbacks }) => 'onModuleDestroy' in callbacks)
    .map(
      ({ name }) =>
        `Participant ${name} has onModuleDestroy, which Nest calls before Down: what it closes there is gone when its callbacks need it. Close it in down() or onApplicationShutdown.`,
    );
}

function problemsOfNames(
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

function problemsOfOne(candidate: ParticipantCandidate): string[] {
  const { name, order, concurrency, timeout } = candidate;
  const problems: string[] = [];
  if (order !== undefined && !isNumber(order)) {
    problems.push(
      `participant ${name} has order ${String(order)}; expected a number`,
    );
  }
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    problems.push(
      `participant ${name} has concurrency ${String(concurrency)}; expected a whole number from 1`,
    );
  }
  if (timeout !== undefined && !(isNumber(timeout) && timeout > 0)) {
    problems.push(
      `participant ${name} has timeout ${String(timeout)}; expected milliseconds above 0`,
    );
  }
  return problems;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value);
}
