import { Logger } from '@nestjs/common';
import { EventStream } from '../ports/event-stream.js';
import { TransitionLog } from './transition-log.js';

/** The events of an application's transitions, which are also written to its log. */
export function loggedEvents(): EventStream {
  const logger = new Logger('Transitions');
  const log = new TransitionLog(logger);
  const events = new EventStream((thrown) =>
    logger.error('A listener of transition events threw', thrown),
  );
  events.listen((event) => log.write(event));
  return events;
}
