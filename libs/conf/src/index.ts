export { ConfMap } from './conf-map.js';
export type {
  FromFileOptions,
  ParseInSlicesOptions,
  ParseOptions,
} from './conf-map.js';
export { ConfMapEditor } from './editing/conf-map-editor.js';
export type { OptionChange } from './editing/section-change.js';
export type { ConfInput, ConfScalar } from './editing/from-object.js';
export { OVERRIDES_PATH } from './editing/overrides.js';
export type { ConfFileOptions, LoadOptions } from './files/load-options.js';
export { parseDuration } from './getters/duration.js';
export type { BigIntBounds, NumberBounds } from './getters/number.js';
export type { BigIntOptions, NumberOptions } from './getters/option-getters.js';
export { DEFAULT_LIMITS } from './problems/conf-limits.js';
export type { ConfLimits } from './problems/conf-limits.js';
export {
  ConfError,
  ConfFileError,
  ConfSyntaxError,
  ConfValueError,
} from './problems/conf-error.js';
export type { ConfErrorCode } from './problems/conf-error.js';
export { nearestName } from './problems/nearest-name.js';
export { formatProblem } from './problems/problem.js';
export type { ConfPosition, ConfProblem } from './problems/problem.js';
export { ConfSection } from './sections/conf-section.js';
export type { PickedOptions } from './sections/section-content.js';
export type { ConfObject } from './sections/plain-object.js';
