import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { optionsFromEnvironment } from './options-from-environment.js';
import { optionRows, variableOf } from './option-table.js';
import { timeLimit, delay } from '../checks/value-kinds.js';

const readme = new URL('../../../../README.md', import.meta.url);

type Plain = string | number | boolean | object;

/** The rows of the README's table of options: name and default. */
function documented(): string[] {
  const [, table = ''] = readFileSync(readme, 'utf8').split('| option ');
  return table
    .split('\n\n')[0]!
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, name, value]) => `${name} ${value}`);
}

/** A default as the README writes it. */
function written(value: unknown, isTime: boolean): string {
  if (isTime) return `${(value as number).toLocaleString('en')} ms`;
  if (value === Infinity) return 'no limit';
  if (typeof value === 'number') return value.toLocaleString('en');
  if (typeof value === 'object') return '1 s to 60 s';
  return typeof value === 'string'
    ? `\`'${value}'\``
    : `\`${textIn(value as Plain)}\``;
}

/** A default as an environment variable has it. */
function textIn(value: Plain): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

describe('the options', () => {
  it('are in the README, each with its default', () => {
    const rows = optionRows.map(([name, { kind, default: value }]) => {
      const isTime = kind === timeLimit || kind === delay;
      return `\`${name}\` ${written(value, isTime)}`;
    });
    expect(documented()).toEqual([
      '`source` ',
      '`schemas` ',
      '`leases` ',
      '`leaseStoreFile` ',
      ...rows,
    ]);
  });

  it('have defaults that they accept', () => {
    for (const [name, { kind, default: value }] of optionRows) {
      expect([name, kind.accepts(value)]).toEqual([name, true]);
    }
  });

  it('come from environment variables of their names, as they are written there', () => {
    const variables = Object.fromEntries(
      optionRows.map(([name, row]) => [
        variableOf(name),
        textIn(row.default as Plain),
      ]),
    );
    expect(variables).toHaveProperty('TRANSITIONS_SLOW_CALLBACK_WARNING');
    expect(optionsFromEnvironment((name) => variables[name])).toEqual(
      Object.fromEntries(optionRows.map(([name, row]) => [name, row.default])),
    );
    const path = { TRANSITIONS_LEASE_STORE_FILE: 'peer-a.store' };
    expect(
      optionsFromEnvironment((name) => (path as Record<string, string>)[name]),
    ).toEqual({ leaseStoreFile: 'peer-a.store' });
  });
});
