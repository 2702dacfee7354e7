import { Catch, type ArgumentsHost, type HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { DrainAbortedError } from '../drain-aborted.error.js';
import { VolumeNotServedError } from '../volume-not-served.error.js';
import { announceRetry } from './retry-after.js';

/**
 * Answers a request that lets an error of the gate through: 404, 421 with the
 * peer, or 503 with Retry-After. `TransitionsModule` registers it for the whole
 * application. A filter of the application's own for all exceptions comes first;
 * it gets an HttpException and answers the same, but for Retry-After.
 */
@Catch(VolumeNotServedError, DrainAbortedError)
export class VolumeExceptionFilter extends BaseExceptionFilter {
  override catch(exception: HttpException, host: ArgumentsHost): void {
    const adapter = this.httpAdapterHost?.httpAdapter;
    // Elsewhere Nest goes on as if there were no filter.
    if (host.getType() !== 'http' || adapter === undefined) return;
    announceRetry(exception, host.switchToHttp().getResponse(), adapter);
    // oxlint-disable-next-line promise/valid-params -- it is no promise
    super.catch(exception, host);
  }
}
