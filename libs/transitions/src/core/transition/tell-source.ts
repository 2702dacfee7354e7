import type { Configuration } from '../configuration/configuration.js';
import { messageOf } from '../model/error-text.js';
import { withinTime } from '../time/clock.js';
import type { ReloadRequest } from './job-queue.js';
import type { Transition } from './transition.js';

/**
 * Tells the source that a configuration has come into force, and waits for it: at
 * most `callbackTimeout`, and not once a Down has come. What goes wrong is a
 * warning of the report.
 */
export async function tellSource(
  { engine, draft, signal }: Transition,
  { inForce, source = 'The source' }: ReloadRequest,
  { loaded }: Configuration,
): Promise<void> {
  if (inForce === undefined) return;
  const { callbackTimeout } = engine.settings;
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  const stopped = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve());
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  const told = { settled: false, trouble: '' };
  const telling = inForce(loaded, controller.signal).then(
    () => {
      told.settled = true;
    },
    (thrown: unknown) => {
      told.settled = true;
      told.trouble = messageOf(thrown);
    },
  );
  await withinTime(
    Promise.race([telling, stopped]),
    callbackTimeout,
    engine.clock,
  );
  signal.removeEventListener('abort', stop);
  if (!told.settled) {
    told.trouble = signal.aborted
      ? messageOf(signal.reason)
      : `it did not settle within ${callbackTimeout} ms (callbackTimeout)`;
    controller.abort(new Error(told.trouble));
  }
  if (told.trouble === '') return;
  const message = `${source} could not note that its configuration is in force: ${told.trouble}`;
  draft.warnings = [...draft.warnings, { message }];
}
