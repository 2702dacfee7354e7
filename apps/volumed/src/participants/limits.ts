import { Injectable } from '@nestjs/common';
import { TransitionsService } from 'nestjs-transitions';
import {
  defaultVolumesHttpOptions as defaults,
  type VolumesHttpOptions,
} from '../http/index.js';
import { fileServer } from '../options/option.js';
import { fileServerSchema } from '../options/schemas.js';

const defaultWaitMs = 5_000;

/**
 * The limits of section `FileServer`: `MaxFileBytes`, `MaxRequestsPerVolume`,
 * `MaxListedEntries`, `RequestWaitTime`. Changed ones count from the end of a
 * reload on.
 */
@Injectable()
export class Limits implements VolumesHttpOptions {
  readonly busyRetryAfterSeconds = defaults.busyRetryAfterSeconds;

  constructor(private readonly transitions: TransitionsService) {}

  get maxFileBytes(): number {
    return this.options.MaxFileBytes ?? defaults.maxFileBytes;
  }

  get maxRequestsPerVolume(): number {
    return this.options.MaxRequestsPerVolume ?? defaults.maxRequestsPerVolume;
  }

  get maxListedEntries(): number {
    return this.options.MaxListedEntries ?? defaults.maxListedEntries;
  }

  /** Milliseconds that a request waits for a volume that is on its way here. */
  get requestWaitMs(): number {
    return this.options.RequestWaitTime ?? defaultWaitMs;
  }

  private get options() {
    return this.transitions.options(fileServer, fileServerSchema);
  }
}
