import { setMaxListeners } from 'node:events';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Answer, sendAnswer } from './answer.js';
import { SendingAbortedError } from './file-sender.js';
import { InFlightLimit } from './in-flight-limit.js';
import { answerFor, internalError, refusal, unavailable } from './refusals.js';
import { REQUEST_LOG, type RequestLog } from './request-log.js';
import {
  locationAt,
  parseRequestTarget,
  type RequestTarget,
} from './request-target.js';
import { RequestProgress } from './request-progress.js';
import { closeOf, turnOf } from './turn.js';
import { answerLocally, assertMethod } from './volume-methods.js';
import {
  VOLUME_ROUTER,
  type VolumePass,
  type VolumeRoute,
  type VolumeRouter,
} from './volume-router.js';
import {
  VOLUMES_HTTP_OPTIONS,
  type VolumesHttpOptions,
} from './volumes-http.options.js';

type Here = Extract<VolumeRoute, { kind: 'here' }>;

/** Takes a request to `/volumes/…` from its arrival to its line in the log. */
@Injectable()
export class VolumeRequests {
  private readonly logger = new Logger(VolumeRequests.name);
  private readonly inFlight = new InFlightLimit();

  constructor(
    @Inject(VOLUME_ROUTER) private readonly router: VolumeRouter,
    @Inject(REQUEST_LOG) private readonly log: RequestLog,
    @Inject(VOLUMES_HTTP_OPTIONS) private readonly options: VolumesHttpOptions,
  ) {}

  /** Answers the request and logs it. Never rejects. */
  async handle(request: Request, response: Response): Promise<void> {
    const progress = new RequestProgress();
    await turnOf(request, response);
    if (!request.socket.destroyed) {
      await this.answer(request, response, progress);
    }
    this.log.write(progress.toLogEntry(request, response));
  }

  private async answer(
    request: Request,
    response: Response,
    progress: RequestProgress,
  ): Promise<void> {
    try {
      const target = parseRequestTarget(request.originalUrl);
      if (target === undefined) throw unknownVolume();
      progress.volume = target.volumeName;
      assertMethod(request.method);
      await this.dispatch(request, response, target, progress);
    } catch (error) {
      await this.answerError(request, response, error, progress);
    }
    await closeOf(request, response);
  }

  private async dispatch(
    request: Request,
    response: Response,
    target: RequestTarget,
    progress: RequestProgress,
  ): Promise<void> {
    const route = this.router.route(target.volumeName);
    switch (route.kind) {
      case 'here':
        return this.serve(request, response, target, route, progress);
      case 'elsewhere': {
        progress.peer = route.peer;
        const location = locationAt(route.url, request.originalUrl);
        const answer = redirection(location);
        progress.bytes = await sendAnswer(request, response, answer);
        progress.status = answer.status;
        return;
      }
      case 'unavailable':
        throw unavailable(
          `the volume is not available: ${route.reason}`,
          route.retryAfterSeconds,
        );
      case 'unknown':
        throw unknownVolume();
      default:
        return route satisfies never;
    }
  }

  private async serve(
    request: Request,
    response: Response,
    target: RequestTarget,
    route: Here,
    progress: RequestProgress,
  ): Promise<void> {
    const { maxRequestsPerVolume, busyRetryAfterSeconds } = this.options;
    if (!this.inFlight.enter(target.volumeName, maxRequestsPerVolume)) {
      throw unavailable('too many requests at once', busyRetryAfterSeconds);
    }
    let pass: VolumePass | undefined;
    const cut = (): unknown => response.headersSent && response.destroy();
    try {
      pass = this.enter(route);
      const { signal } = pass;
      // One signal for all passes of a volume is as good as one for each.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', cut, { once: true });
      const { directory } = route;
      const { options } = this;
      progress.bytes = await answerLocally({
        request,
        response,
        target,
        directory,
        signal,
        options,
      });
      progress.status = response.statusCode;
      await closeOf(request, response);
    } catch (error) {
      await this.answerError(
        request,
        response,
        pass?.signal.aborted === true ? takenAway() : error,
        progress,
      );
    } finally {
      pass?.signal.removeEventListener('abort', cut);
      pass?.[Symbol.dispose]();
      this.inFlight.leave(target.volumeName);
    }
  }

  private enter(route: Here): VolumePass {
    try {
      return route.enter();
    } catch {
      throw takenAway();
    }
  }

  private async answerError(
    request: Request,
    response: Response,
    error: unknown,
    progress: RequestProgress,
  ): Promise<void> {
    if (error instanceof SendingAbortedError) progress.bytes = error.bytes;
    const answer = this.answerOrLog(error);
    if (response.headersSent) {
      progress.status = response.statusCode;
      response.destroy();
    } else if (!request.socket.destroyed) {
      progress.status = answer.status;
      progress.bytes = await sendAnswer(request, response, answer);
    }
  }

  private answerOrLog(error: unknown): Answer {
    const answer = answerFor(error);
    if (answer !== undefined || error instanceof SendingAbortedError) {
      return answer ?? internalError;
    }
    this.logger.error(error);
    return internalError;
  }
}

function unknownVolume(): Error {
  return refusal(404, 'unknown-volume', 'no such volume in this cluster');
}

function takenAway(): Error {
  return unavailable('the volume is leaving this server', 1);
}

function redirection(location: string): Answer {
  return { status: 307, headers: { Location: location } };
}
