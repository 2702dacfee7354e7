import {
  Controller,
  Get,
  Header,
  NotFoundException,
  ServiceUnavailableException,
} from '@nestjs/common';
import { PeerStatus, type Status } from './peer-status.js';

/**
 * For whoever watches over this peer: `/health` answers as long as the process
 * does, `/ready` says whether it should get requests (and `stale`, where that is
 * with the last good configuration), `/status` (only where
 * `FileServer.StatusPage` is on, as it names the volumes) says what it serves.
 */
@Controller()
export class StatusController {
  constructor(private readonly status: PeerStatus) {}

  @Get('health')
  @Header('Cache-Control', 'no-store')
  health() {
    return { healthy: true };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  ready() {
    if (!this.status.isReady) {
      throw new ServiceUnavailableException({ ready: false });
    }
    // Everybody may read this: why is in /status.
    return { ready: true, ...(this.status.isStale ? { stale: true } : {}) };
  }

  @Get('status')
  @Header('Cache-Control', 'no-store')
  read(): Status {
    if (!this.status.isPublic) throw new NotFoundException();
    return this.status.read();
  }
}
