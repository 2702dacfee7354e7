export { ConfMap } from './conf-map.js';
export type {
  ConfObject,
  FromFileOptions,
  NumberOptions,
  ParseOptions,
} from './conf-map.js';
export type { NumberBounds } from './convert.js';
export { ConfMapEditor } from './editor.js';
export {
  ConfError,
  ConfFileError,
  ConfSyntaxError,
  ConfValueError,
} from './errors.js';
export type { ConfErrorCode } from './errors.js';
export { DEFAULT_LIMITS } from './limits.js';
export type { ConfLimits } from './limits.js';
export { OVERRIDES_PATH } from './overrides.js';
export { formatProblem } from './problem.js';
export type { ConfPosition, ConfProblem } from './problem.js';
export type { LoadOptions } from './reading.js';
export { ConfSection } from './section.js';
