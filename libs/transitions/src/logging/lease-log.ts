import type { LoggerService } from '@nestjs/common';
import type {
  LeaseWork,
  LossReason,
  SessionState,
} from '../core/leases/lease-ports.js';
import { listed, messageOf } from '../core/model/error-text.js';
import type { TransitionEvent } from '../core/report/events.js';
import { fieldsOf, logFields } from './log-fields.js';

/** What is told of leases, beside what transitions tell. */
type LeaseEvent = Extract<
  TransitionEvent,
  { type: 'leasesLost' | 'leaseSession' | 'leaseTrouble' }
>;

/** Writes what becomes of leases to the log. */
export class LeaseLog {
  constructor(private readonly logger: LoggerService) {}

  write(event: LeaseEvent): void {
    switch (event.type) {
      case 'leasesLost':
        this.logger.error(
          `${listed(event.volumes)}: lost, as ${whyLost[event.reason]}; nobody gets in any more`,
          fieldsOf(event, 'volumes', 'reason'),
        );
        return;
      case 'leaseSession':
        this.writeSession(event.session);
        return;
      case 'leaseTrouble':
        this.writeTrouble(event.work, event.error);
    }
  }

  private writeSession(session: SessionState): void {
    switch (session.state) {
      case 'opening':
        return;
      case 'open':
        this.logger.log(
          `Leases: session ${session.id} for ${session.ttl} ms in ${session.store}`,
          fieldsOf(session, 'state', 'id', 'ttl', 'store'),
        );
        return;
      case 'unreachable':
        this.logger.error(
          `Leases: ${unreachable(session.id)}: ${messageOf(session.error)}`,
          fieldsOf(session, 'state', 'id'),
        );
        return;
      case 'otherStore':
        this.logger.error(
          `Leases: the store is ${session.found}, expected ${session.expected}; nothing is served until it is back, somebody calls confirmLeaseStore('${session.found}'), or this process starts again without its lease store file`,
          fieldsOf(session, 'state', 'expected', 'found'),
        );
        return;
      case 'ended':
        this.writeEndOfSession(session);
    }
  }

  private writeEndOfSession(
    session: Extract<SessionState, { state: 'ended' }>,
  ): void {
    const fields = fieldsOf(session, 'state');
    if (session.error === undefined) {
      this.logger.log('Leases: ended', fields);
      return;
    }
    this.logger.error(
      `Leases: the session did not end in order, so other peers find what it held as after a crash, and may get it only when its time is over: ${messageOf(session.error)}`,
      fields,
    );
  }

  private writeTrouble(work: LeaseWork, error: unknown): void {
    if (error === undefined) {
      this.logger.log(`Leases: ${work} go through again`, logFields({ work }));
      return;
    }
    this.logger.error(
      `Leases: ${work} fail, and so ${whatFollows[work]}. They are tried again: ${messageOf(error)}`,
      logFields({ work }),
    );
  }
}

const whatFollows: Readonly<Record<LeaseWork, string>> = {
  claims: 'what is to be served waits',
  releases: 'no other peer gets what was let go of',
  listings: 'it is not known what is free, or was taken by hand',
};

const whyLost: Readonly<Record<LossReason, string>> = {
  deadline: 'the store of leases did not confirm the session in time',
  session: 'the session is gone',
  key: 'somebody else has taken them, or they were deleted',
  store: 'the store of leases is another one, or has lost its data',
};

function unreachable(session: string | undefined): string {
  return session === undefined
    ? 'no session could be opened, and without one nothing is served'
    : `session ${session} could not be renewed, and what it holds is lost if that goes on until its time is over`;
}
