import { setImmediate } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import type { ConfMap } from '@nestjs-transitions/conf';
import type { TransitionCallbacks } from '../core/model/callbacks.js';
import { VolumeNotServedError } from '../gate/volume-not-served.error.js';
import { VolumeGate } from '../gate/volume.gate.js';
import type { TransitionsModuleOptions } from '../options/transitions.options.js';
import { staticConfSource } from '../sources/static.conf-source.js';
import { TransitionsService } from '../transitions.service.js';
import { compileApp, RecordingLogger } from './started-app.js';

/** An application without HTTP, of which the gate is what matters. */
export class GatedApp {
  readonly gate: VolumeGate;
  readonly transitions: TransitionsService;

  constructor(
    readonly app: INestApplicationContext,
    readonly logger: RecordingLogger,
  ) {
    this.gate = app.get(VolumeGate);
    this.transitions = app.get(TransitionsService);
  }

  /** Why nobody gets into a volume. */
  refusal(volumeName: string): VolumeNotServedError {
    try {
      this.gate.enter(volumeName)[Symbol.dispose]();
    } catch (thrown) {
      if (thrown instanceof VolumeNotServedError) return thrown;
    }
    throw new Error(`${volumeName} let a request in, or failed otherwise`);
  }

  /** The same in short: `elsewhere B`. */
  whyNot(volumeName: string): string {
    if (this.gate.isOpen(volumeName)) return 'open';
    const { reason, peer } = this.refusal(volumeName);
    return peer === undefined ? reason : `${reason} ${peer}`;
  }
}

/** One that is not booted yet, with participants in ascending order; it is closed when the test is over. */
export async function compileGatedApp(
  confMap: ConfMap,
  participants: readonly TransitionCallbacks[] = [],
  options: TransitionsModuleOptions = {},
): Promise<GatedApp> {
  const logger = new RecordingLogger();
  const app = await compileApp(
    {},
    {
      source: staticConfSource(confMap),
      reloadOnSighup: false,
      ...options,
    },
    logger,
  );
  const gated = new GatedApp(app, logger);
  participants.forEach((callbacks, index) =>
    gated.transitions.register(`Part${index}`, callbacks, { order: index }),
  );
  return gated;
}

/** The same, booted. */
export async function startGatedApp(
  ...args: Parameters<typeof compileGatedApp>
): Promise<GatedApp> {
  const gated = await compileGatedApp(...args);
  await gated.app.init();
  return gated;
}

/** Lets everything that can go on go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}
