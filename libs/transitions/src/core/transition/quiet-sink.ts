import type { EventSink } from './plan-runner.js';

/** A sink that may throw: whatever it does, it changes nothing. */
export function quietSink(sink: EventSink): EventSink {
  return {
    emit(event) {
      try {
        sink.emit(event);
      } catch {
        // Who listens answers for its own errors.
      }
    },
    wantsSteps() {
      try {
        return sink.wantsSteps();
      } catch {
        return false;
      }
    },
  };
}
