import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Exchange } from './exchange.js';
import { SendingAbortedError } from './file-sender.js';
import { InFlightLimit } from './in-flight-limit.js';
import { answerFor, leaving, refusal, unavailable } from './refusals.js';
import { REQUEST_LOG, type RequestLog } from './request-log.js';
import {
  locationAt,
  parseRequestTarget,
  type RequestTarget,
} from './request-target.js';
import { TroubleLog } from './trouble-log.js';
import { answerLocally, assertImplemented } from './volume-methods.js';
import {
  VOLUME_ROUTER,
  type VolumeRoute,
  type VolumeRouter,
} from './volume-router.js';
import {
  VOLUMES_HTTP_OPTIONS,
  type VolumesHttpOptions,
} from './volumes-http.options.js';

type NotHere = Exclude<VolumeRoute, { kind: 'here' }>;

/** Takes a request to `/volumes/…` from its arrival to its line in the log. */
@Injectable()
export class VolumeRequests {
  private readonly logger = new Logger(VolumeRequests.name);
  private readonly trouble = new TroubleLog((line) => this.logger.error(line));
  private readonly inFlight: InFlightLimit;

  constructor(
    @Inject(VOLUME_ROUTER) private readonly router: VolumeRouter,
    @Inject(REQUEST_LOG) private readonly log: RequestLog,
    @Inject(VOLUMES_HTTP_OPTIONS) private readonly options: VolumesHttpOptions,
  ) {
    this.inFlight = new InFlightLimit(options);
  }

  /** Answers the request and logs it. Never rejects. */
  async handle(request: Request, response: Response): Promise<void> {
    const exchange = new Exchange(request, response, this.options);
    await exchange.turn();
    try {
      if (!exchange.isGone) exchange.bytes = await this.answer(exchange);
    } catch (error) {
      exchange.bytes = await this.refuse(exchange, error);
    }
    this.log.write(exchange.toLogEntry());
  }

  /** Returns the bytes of content sent, or stored; settles when the answer is out. */
  private async answer(exchange: Exchange): Promise<number> {
    const { request } = exchange;
    const target = parseRequestTarget(request.originalUrl);
    if (target === undefined) throw unknownVolume();
    exchange.volume = target.volumeName;
    assertImplemented(request);
    const route = await this.router.route(target.volumeName, () =>
      exchange.gone(),
    );
    if (route.kind !== 'here') return turnAway(exchange, target, route);
    using pass = route.pass;
    using _place = this.inFlight.enter(target.volumeName);
    exchange.enter(pass);
    const { directory } = route;
    const { options } = this;
    // Awaited here: what is inside leaves only when its answer is out.
    return await answerLocally({ exchange, target, directory, options });
  }

  /** Answers for what was thrown, unless it is too late for that. Returns the bytes of content sent. */
  private async refuse(exchange: Exchange, error: unknown): Promise<number> {
    const isLeaving = exchange.signal.aborted;
    if (!isLeaving) this.trouble.note(error, exchange.request);
    const answer = isLeaving ? leaving.answer : answerFor(error);
    if (!exchange.hasBegun && !exchange.isGone) return exchange.send(answer);
    if (exchange.hasBegun) exchange.cut();
    return error instanceof SendingAbortedError ? error.bytes : 0;
  }
}

/** @throws Refusal, unless the request is sent on. */
async function turnAway(
  exchange: Exchange,
  target: RequestTarget,
  route: NotHere,
): Promise<number> {
  switch (route.kind) {
    case 'elsewhere': {
      if (target.wasSentOn) throw disagreement;
      exchange.peer = route.peer;
      const location = locationAt(route.url, exchange.request.originalUrl);
      return exchange.send({ status: 307, headers: { Location: location } });
    }
    case 'unavailable':
      throw unavailable(
        `the volume is not available: ${route.reason}`,
        route.retryAfterSeconds,
      );
    case 'unknown':
      throw unknownVolume();
  }
}

function unknownVolume(): Error {
  return refusal(404, 'unknown-volume', 'no such volume in this cluster');
}

/** Peers learn of a move one after the other: who is sent round would be for as long as that takes. */
const disagreement = unavailable(
  'the peers do not agree yet where the volume is',
  1,
);
