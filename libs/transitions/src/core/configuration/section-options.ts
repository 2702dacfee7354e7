import type { ConfMap } from '@nestjs-transitions/conf';

/**
 * What schemas have made of the sections of a configuration. Kept by the places of
 * sections, which the configuration knows: there may be a million.
 */
export class SectionOptions {
  private readonly byPlace: unknown[] = [];
  /** Of sections that have a schema and are not there. */
  private readonly absent = new Map<string, unknown>();

  constructor(readonly confMap: ConfMap) {}

  /** At the place of a section; undefined if it has no schema. */
  at(place: number): unknown {
    return this.byPlace[place];
  }

  put(place: number, options: unknown): void {
    this.byPlace[place] = options;
  }

  putAbsent(section: string, options: unknown): void {
    this.absent.set(section, options);
  }

  hasAbsent(section: string): boolean {
    return this.absent.has(section);
  }

  has(section: string): boolean {
    return this.absent.has(section) || this.confMap.has(section);
  }

  get(section: string): unknown {
    return this.absent.has(section)
      ? this.absent.get(section)
      : this.byPlace[this.confMap.indexOf(section)];
  }
}
