import { ConfValueError } from '../problems/conf-error.js';
import { nearestName } from '../problems/nearest-name.js';
import type { ConfPosition } from '../problems/problem.js';
import { quote } from '../problems/quote.js';
import { ConfContent } from '../sections/conf-content.js';
import { convertBase64, convertBoolean, convertUuid } from './convert.js';
import type { Converted } from './converted.js';
import { convertDuration } from './duration.js';
import {
  convertBigInt,
  convertInteger,
  convertNumber,
  type BigIntBounds,
  type NumberBounds,
} from './number.js';

/**
 * Bounds of a number, both included, and what to return for an option that does
 * not exist.
 */
export interface NumberOptions extends NumberBounds {
  readonly fallback?: number;
}

/**
 * Bounds of a bigint, both included, and what to return for an option that does
 * not exist.
 */
export interface BigIntOptions extends BigIntBounds {
  readonly fallback?: bigint;
}

/**
 * The options of a configuration by type: the part of `ConfMap` that has the
 * getters.
 *
 * All getters but `getStrings` want exactly one value. The fallback, if given,
 * stands in for a missing option only. They throw a ConfValueError that names
 * file and line if the option is missing, has no value, has several, or has one
 * of another kind.
 */
export abstract class OptionGetters extends ConfContent {
  abstract locate(section: string, option?: string): ConfPosition | undefined;

  /**
   * All values of an option, maybe none.
   * @throws ConfValueError if it is missing and there is no fallback.
   */
  getStrings(
    section: string,
    option: string,
    fallback?: readonly string[],
  ): readonly string[] {
    return (
      this.section(section)?.get(option) ??
      fallback ??
      this.refuse(section, option, this.missing(section, option))
    );
  }

  /** The value as it is. */
  getString(section: string, option: string, fallback?: string): string {
    return this.get(section, option, fallback, (value) => ({ value }));
  }

  /** true, yes, on, false, no or off, in upper or lower case. */
  getBoolean(section: string, option: string, fallback?: boolean): boolean {
    return this.get(section, option, fallback, convertBoolean);
  }

  /**
   * A whole number in decimal digits, at least 0 unless `min` says otherwise,
   * at most 2^53-1.
   */
  getInteger(
    section: string,
    option: string,
    options: NumberOptions = {},
  ): number {
    return this.get(section, option, options.fallback, (text) =>
      convertInteger(text, options),
    );
  }

  /**
   * A whole number in decimal digits, at least 0 and at most 2^64-1 unless `min`
   * and `max` say otherwise.
   */
  getBigInt(
    section: string,
    option: string,
    options: BigIntOptions = {},
  ): bigint {
    return this.get(section, option, options.fallback, (text) =>
      convertBigInt(text, options),
    );
  }

  /** A number in decimal digits, with or without a fraction and an exponent. */
  getNumber(
    section: string,
    option: string,
    options: NumberOptions = {},
  ): number {
    return this.get(section, option, options.fallback, (text) =>
      convertNumber(text, options),
    );
  }

  /**
   * A duration in milliseconds, written as in Go: `1h2m3.5s`, `10ms`, `5us`,
   * `0`. The bounds and the fallback are milliseconds too. It is at least 0
   * unless `min` says otherwise.
   */
  getDuration(
    section: string,
    option: string,
    options: NumberOptions = {},
  ): number {
    return this.get(section, option, options.fallback, (text) =>
      convertDuration(text, options),
    );
  }

  /** A UUID, in lower case. */
  getUuid(section: string, option: string, fallback?: string): string {
    return this.get(section, option, fallback, convertUuid);
  }

  /**
   * Bytes in base64, with the standard alphabet and padding. Errors do not quote
   * the value.
   */
  getBase64(
    section: string,
    option: string,
    fallback?: Uint8Array,
  ): Uint8Array {
    return this.get(section, option, fallback, convertBase64);
  }

  private get<T>(
    section: string,
    option: string,
    fallback: T | undefined,
    convert: (text: string) => Converted<T>,
  ): T {
    const values = this.section(section)?.get(option);
    if (values === undefined && fallback !== undefined) return fallback;
    const [text, ...more] = values ?? this.getStrings(section, option);
    if (text === undefined || more.length > 0) {
      const count = text === undefined ? 'none' : `${more.length + 1} values`;
      return this.refuse(section, option, `expected one value, got ${count}`);
    }
    const converted = convert(text);
    if ('value' in converted) return converted.value;
    const got = converted.got ?? quote(text);
    const message = `expected ${converted.expected}, got ${got}`;
    return this.refuse(section, option, message);
  }

  private missing(section: string, option: string): string {
    if (!this.has(section)) {
      return `expected the section with the option ${quote(option)}, which is missing`;
    }
    const near = nearestName(option, this.options(section));
    const hint = near === undefined ? '' : `; is it ${quote(near)}, misspelt?`;
    return `expected the option ${quote(option)}, which is missing${hint}`;
  }

  private refuse(section: string, option: string, message: string): never {
    const place = this.locate(section, option) ?? this.locate(section);
    const text = `[${section}] ${option}: ${message}`;
    const problem = { ...place, section, option, message: text };
    throw new ConfValueError('Wrong value', [problem]);
  }
}
