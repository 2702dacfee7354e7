export type { ErrorBody } from './answer.js';
export {
  formatLogLine,
  JsonLinesRequestLog,
  REQUEST_LOG,
  type RequestLog,
  type RequestLogEntry,
} from './request-log.js';
export {
  VOLUME_ROUTER,
  type VolumePass,
  type VolumeRoute,
  type VolumeRouter,
} from './volume-router.js';
export { VolumesHttpModule } from './volumes-http.module.js';
export {
  defaultVolumesHttpOptions,
  VOLUMES_HTTP_OPTIONS,
  type VolumesHttpOptions,
} from './volumes-http.options.js';
