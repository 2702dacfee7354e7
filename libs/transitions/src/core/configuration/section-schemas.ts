import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConfMap } from '@nestjs-transitions/conf';
import { SectionOptionsError } from '../model/errors.js';
import type { TopologyProblem } from '../model/topology.js';
import type { Configuration } from './configuration.js';
import { SchemaCheck, type CheckLimits } from './schema-check.js';
import type { SectionOptions } from './section-options.js';
import { SchemaTable, type SchemasBySection } from './schema-table.js';

/**
 * The schemas of a module, and what they made of the configurations that they
 * have checked.
 */
export class SectionSchemas {
  private readonly table: SchemaTable;
  private readonly checked = new WeakMap<ConfMap, SectionOptions>();

  constructor(schemas: SchemasBySection) {
    this.table = new SchemaTable(schemas);
  }

  /**
   * Checks all sections that are not as in the configuration in force. Resolves
   * to what is wrong.
   */
  async check(
    { confMap, topology }: Configuration,
    inForce: Configuration | undefined,
    limits: CheckLimits,
  ): Promise<readonly TopologyProblem[]> {
    if (this.table.isEmpty || this.checked.has(confMap)) return [];
    const before = inForce && this.checked.get(inForce.confMap);
    const check = new SchemaCheck(this.table, { confMap, topology }, before);
    const problems = await check.run(limits);
    if (problems.length === 0) this.checked.set(confMap, check.options);
    return problems;
  }

  /**
   * What the schema of a section has made of its options.
   *
   * @throws SectionOptionsError where there is nothing, or where another schema is
   * expected.
   */
  optionsOf(
    confMap: ConfMap,
    section: string,
    expected?: StandardSchemaV1,
  ): unknown {
    const schema = this.table.of(section);
    if (schema === undefined) {
      throw new SectionOptionsError(
        section,
        'no schema is given for it in the option `schemas`',
      );
    }
    if (expected !== undefined && expected !== schema) {
      throw new SectionOptionsError(
        section,
        'the option `schemas` has another schema for it; give the same',
      );
    }
    const options = this.checked.get(confMap);
    if (options === undefined) {
      throw new SectionOptionsError(
        section,
        'this configuration was not checked by the module; give the one of a callback, or none',
      );
    }
    if (options.has(section)) return options.get(section);
    throw new SectionOptionsError(section, 'the configuration lacks it');
  }
}
