import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { Request, Response } from 'express';
import { VolumeRequests } from './volume-requests.js';

/**
 * All methods of `/volumes` and below. A middleware and not a controller:
 * Express decodes the parameters of a route before a controller could refuse
 * what is badly encoded, and nothing of Nest's pipeline is of use to a stream.
 */
@Injectable()
export class VolumesMiddleware implements NestMiddleware {
  constructor(private readonly requests: VolumeRequests) {}

  use(request: Request, response: Response): void {
    void this.requests.handle(request, response);
  }
}
