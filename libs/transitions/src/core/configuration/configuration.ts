import type { ConfMap } from '@nestjs-transitions/conf';
import { ConfigurationError } from '../model/errors.js';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import type { Topology, TopologyProblem } from '../model/topology.js';
import { readingTopology } from './topology-reader.js';
import type { StaleConfiguration } from './stale.js';
import { upgrading } from './upgrade.js';

/** A configuration that is in force, or could be. */
export interface Configuration {
  /**
   * As it was given, but with the sections of the configuration before it
   * wherever they say the same. If it is given again, it needs no check.
   */
  readonly loaded: ConfMap;
  /** Upgraded to the current form. */
  readonly confMap: ConfMap;
  readonly topology: Topology;
  readonly generation: number;
  /**
   * What is doubtful in its text and its meaning, but no reason to refuse it.
   */
  readonly warnings: readonly TopologyProblem[];
  /** Where it is not the source's: why. */
  readonly stale?: StaleConfiguration | undefined;
}

/**
 * Upgrades a configuration and checks what it means.
 *
 * @throws ConfigurationError with all problems.
 */
export function checkConfiguration(
  loaded: ConfMap,
  generation: number,
  inForce: Configuration | undefined,
): Configuration {
  return doAtOnce(checkingConfiguration(loaded, generation, inForce));
}

/** {@link checkConfiguration} as work that can be sliced. */
export function* checkingConfiguration(
  loaded: ConfMap,
  generation: number,
  inForce: Configuration | undefined,
): SlicedWork<Configuration> {
  const reading = yield* readingConfiguration(loaded, generation, inForce);
  if (reading.problems.length === 0) return reading.configuration;
  throw new ConfigurationError(reading.problems);
}

/** A configuration, and what is wrong with its meaning: then do not use it. */
export interface ConfigurationReading {
  readonly configuration: Configuration;
  readonly problems: readonly TopologyProblem[];
}

/**
 * As {@link checkingConfiguration}, for who has more to check before all problems
 * are told at once.
 *
 * @throws ConfigurationError where there is nothing to check.
 */
export function* readingConfiguration(
  loaded: ConfMap,
  generation: number,
  inForce: Configuration | undefined,
): SlicedWork<ConfigurationReading> {
  const adopted = yield* adopting(loaded, inForce?.loaded);
  if (adopted === inForce?.loaded) {
    const configuration = { ...inForce, generation, stale: undefined };
    return { configuration, problems: [] };
  }
  if (adopted.isEmpty) {
    throw new ConfigurationError([{ message: 'it is empty' }]);
  }
  const upgraded = yield* upgrading(adopted);
  const confMap =
    upgraded === adopted
      ? adopted
      : yield* adopting(upgraded, inForce?.confMap);
  const { topology, problems, warnings } = yield* readingTopology(
    confMap,
    inForce?.topology,
  );
  const before = inForce?.topology.whoAmI;
  const all =
    before === undefined || topology.whoAmI === before
      ? problems
      : [...problems, whoAmIChanged(confMap, before, topology.whoAmI)];
  return {
    configuration: {
      loaded: adopted,
      confMap,
      topology,
      generation,
      warnings: [...adopted.warnings, ...warnings],
    },
    problems: all,
  };
}

/**
 * A map that shares the sections of the one in force wherever they say the same.
 * A map that was read with that one as `previous` shares them already; for any
 * other, all would be new to the topology and to the delta.
 */
function* adopting(
  confMap: ConfMap,
  inForce: ConfMap | undefined,
): SlicedWork<ConfMap> {
  return inForce === undefined ? confMap : yield* confMap.reusing(inForce);
}

/**
 * The topology of a configuration; {@link checkConfiguration} without the rest.
 */
export function computeTopology(confMap: ConfMap): Topology {
  return checkConfiguration(confMap, 0, undefined).topology;
}

function whoAmIChanged(
  confMap: ConfMap,
  from: string,
  to: string,
): TopologyProblem {
  return {
    message: `Cluster.WhoAmI changes from ${from} to ${to === '' ? 'nothing' : to}, which needs a restart`,
    section: 'Cluster',
    option: 'WhoAmI',
    ...(confMap.locate('Cluster', 'WhoAmI') ?? confMap.locate('Cluster')),
  };
}
