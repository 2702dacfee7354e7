import { ConfMap } from 'nestjs-transitions';
import type { Texts } from '../configuration.js';
import type { Case } from '../rounds.js';

/** Parsing a text that is in memory. */
export function parsing({ before }: Texts): Case[] {
  return [
    { name: 'parse', run: () => ConfMap.parse(before) },
    {
      name: 'parse, read all',
      run: () => readEverything(ConfMap.parse(before)),
    },
  ];
}

function readEverything(confMap: ConfMap): number {
  let values = 0;
  for (const name of confMap.sections()) {
    const section = confMap.section(name)!;
    for (const option of section.options()) {
      values += section.get(option)!.length;
    }
  }
  return values;
}
