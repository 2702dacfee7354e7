import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { callbackNames } from '../core/model/callback-table.js';
import { participantOptionsOf } from './participant.decorator.js';

// Names that nobody gives to something else.
const unmistakable = callbackNames.filter((name) => /volume/i.test(name));

/** Warnings of providers that somebody probably takes for participants. */
export function lookalikes(
  wrappers: readonly InstanceWrapper[],
  participants: ReadonlySet<unknown>,
): string[] {
  const warnings = new Set<string>();
  for (const { instance, token } of wrappers) {
    for (const one of [instance].flat() as unknown[]) {
      if (participants.has(one)) continue;
      const what = isInstance(one) ?? hasCallbacks(one);
      if (what === undefined) continue;
      const where = one === instance ? 'is' : 'is a list in which one is';
      warnings.add(
        `Provider ${textOf(token)} ${where} ${what}, which is no participant that way; provide it by itself as an instance of its class, or register it with TransitionsService.register`,
      );
    }
  }
  return [...warnings];
}

/** The name of a class that is decorated. */
function isInstance(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    const { constructor } = Object.getPrototypeOf(value) as object;
    return participantOptionsOf(constructor) && `a ${constructor.name}`;
  } catch {
    // It may be a Proxy that throws whatever it is asked, or have no prototype.
    return undefined;
  }
}

/** The callbacks that a plain object has, as one does that was spread or returned by a factory. */
function hasCallbacks(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return undefined;
    const names = unmistakable.filter(
      (name) => typeof Reflect.get(value, name) === 'function',
    );
    return names.length === 0
      ? undefined
      : `an object with ${names.join(', ')}`;
  } catch {
    return undefined;
  }
}

function textOf(token: InstanceWrapper['token']): string {
  return typeof token === 'function' ? token.name : String(token);
}
