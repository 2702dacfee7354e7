import { Injectable, Logger } from '@nestjs/common';
import {
  TransitionParticipant,
  type ConfMap,
  type TransitionCallbacks,
} from 'nestjs-transitions';
import { isNearly } from '../options/nearly.js';
import { schemas } from '../options/schemas.js';

/** The options of volumed's own sections, those of every peer and every volume among them. */
export const ownOptions: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(schemas).map(([name, { entries }]) => [
    name.replace(/:\*$/, ''),
    Object.keys(entries),
  ]),
);

/** Warns of sections and options whose names are nearly, and not quite, those of volumed: they would do nothing. */
@Injectable()
@TransitionParticipant(2)
export class OptionNames implements TransitionCallbacks {
  private readonly logger = new Logger('OptionNames');

  validate(confMap: ConfMap): void {
    for (const name of doubtfulNames(confMap)) this.logger.warn(name);
  }
}

/** What is doubtful, with its place and what was probably meant. */
export function doubtfulNames(confMap: ConfMap): string[] {
  return confMap.sections().flatMap((section) => {
    const [kind = ''] = section.split(':', 1);
    const options = ownOptions.get(kind);
    return options === undefined
      ? doubt(confMap, kind, [...ownOptions.keys()], [section])
      : confMap
          .options(section)
          .flatMap((option) =>
            doubt(confMap, option, options, [section, option]),
          );
  });
}

function doubt(
  confMap: ConfMap,
  name: string,
  known: readonly string[],
  place: readonly [section: string, option?: string],
): string[] {
  if (known.includes(name)) return [];
  const meant = known.find((one) => isNearly(name, one));
  if (meant === undefined) return [];
  const { path, line } = confMap.locate(...place) ?? {};
  const where = path === undefined ? '' : `${path}:${line}: `;
  return [
    `${where}${place.join('.')} is unknown and does nothing; did you mean ${meant}?`,
  ];
}
