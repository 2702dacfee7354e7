import { Injectable } from '@nestjs/common';
import {
  TransitionParticipant,
  type ConfMap,
  type TransitionCallbacks,
} from 'nestjs-transitions';
import {
  defaultVolumesHttpOptions,
  type VolumesHttpOptions,
} from '../http/index.js';
import { fileServer } from '../options/option.js';

const defaultWaitMs = 5_000;
// As long as clients and proxies keep a request open.
const longestWaitMs = 60_000;

/**
 * The limits of section `FileServer`: `MaxFileBytes`, `MaxRequestsPerVolume`,
 * `MaxListedEntries`, `RequestWaitTime`. Changed ones count from the end of a
 * reload on.
 */
@Injectable()
@TransitionParticipant(5)
export class Limits implements TransitionCallbacks, VolumesHttpOptions {
  maxFileBytes = defaultVolumesHttpOptions.maxFileBytes;
  maxRequestsPerVolume = defaultVolumesHttpOptions.maxRequestsPerVolume;
  maxListedEntries = defaultVolumesHttpOptions.maxListedEntries;
  /** Milliseconds that a request waits for a volume that is on its way here. */
  requestWaitMs = defaultWaitMs;
  readonly busyRetryAfterSeconds =
    defaultVolumesHttpOptions.busyRetryAfterSeconds;

  validate(confMap: ConfMap): void {
    readLimits(confMap);
  }

  up(confMap: ConfMap): void {
    Object.assign(this, readLimits(confMap));
  }

  signaledFinish(confMap: ConfMap): void {
    Object.assign(this, readLimits(confMap));
  }
}

function readLimits(confMap: ConfMap) {
  const read = (option: string, fallback: number): number =>
    confMap.getInteger(fileServer, option, { min: 1, fallback });
  return {
    maxFileBytes: read('MaxFileBytes', defaultVolumesHttpOptions.maxFileBytes),
    maxRequestsPerVolume: read(
      'MaxRequestsPerVolume',
      defaultVolumesHttpOptions.maxRequestsPerVolume,
    ),
    maxListedEntries: read(
      'MaxListedEntries',
      defaultVolumesHttpOptions.maxListedEntries,
    ),
    requestWaitMs: confMap.getDuration(fileServer, 'RequestWaitTime', {
      min: 0,
      max: longestWaitMs,
      fallback: defaultWaitMs,
    }),
  };
}
