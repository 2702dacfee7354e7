export type { Predecessor } from './core/model/predecessor.js';
export {
  ConfError,
  ConfFileError,
  ConfMap,
  ConfMapEditor,
  ConfSection,
  ConfSyntaxError,
  ConfValueError,
} from '@nestjs-transitions/conf';
export type {
  ConfObject,
  ConfPosition,
  ConfProblem,
} from '@nestjs-transitions/conf';

export { TransitionsModule } from './transitions.module.js';
export { TransitionsService } from './transitions.service.js';
export { TRANSITIONS_OPTIONS } from './options/transitions.module-definition.js';
export type {
  TransitionsModuleAsyncOptions,
  TransitionsOptionsFactory,
} from './options/transitions.module-definition.js';
export {
  optionsFromEnvironment,
  splitOverrides,
} from './options/options-from-environment.js';
export type { TransitionsModuleOptions } from './options/transitions.options.js';
export { ReloadService } from './reload/reload.service.js';
export type { ReloadOptions } from './reload/reload.service.js';

export { LeaseLostError } from './core/leases/lease-lost.error.js';
export {
  LeaseStoreNotFoundError,
  type KnownStores,
} from './core/leases/lease-store-not-found.error.js';
export { VolumeGate } from './gate/volume.gate.js';
export type { AdmitOptions, EnterOptions } from './gate/volume.gate.js';
export { VolumePass } from './gate/volume-entrance.js';
export { DrainAbortedError } from './gate/drain-aborted.error.js';
export { VolumeNotServedError } from './gate/volume-not-served.error.js';
export type { NotServedReason } from './gate/volume-not-served.error.js';
export { ClientGoneError } from './gate/http/client-gone.error.js';
export { UsedVolume, UseVolume } from './gate/http/use-volume.decorator.js';
export type { UseVolumeOptions } from './gate/http/use-volume.decorator.js';
export { UseVolumeError } from './gate/http/use-volume.error.js';
export { VolumeExceptionFilter } from './gate/http/volume-exception.filter.js';

export { TransitionParticipant } from './participants/participant.decorator.js';
export type {
  ParticipantReference,
  TransitionParticipantOptions,
} from './participants/participant.decorator.js';
export type {
  CallbackName,
  TransitionCallbacks,
  TransitionContext,
  TransitionKind,
} from './core/model/callbacks.js';
export { callbackNames } from './core/model/callback-table.js';
export type { ParticipantOptions } from './core/model/participant.js';

export type { ConfSource } from './sources/conf-source.js';
export { fileConfSource } from './sources/file.conf-source.js';
export type { FileConfSourceOptions } from './sources/file.conf-source.js';
export type { WatchOptions } from './sources/file-watcher.js';
export { staticConfSource } from './sources/static.conf-source.js';
export { lastGoodConfSource } from './sources/last-good.conf-source.js';
export type { LastGoodOptions } from './sources/last-good.conf-source.js';
export { LastGoodError } from './sources/last-good-error.js';
export type { LastGoodTrouble } from './sources/last-good-error.js';
export type { SchemasBySection } from './core/configuration/schema-table.js';
export type {
  StaleConfiguration,
  StandIn,
} from './core/configuration/stale.js';
export { configServiceConfSource } from './config/config-service.conf-source.js';

export { LeaseStoreError, maxNoteBytes } from './core/leases/serving-leases.js';
export type {
  Claim,
  ClaimAnswer,
  ClaimRefused,
  ClaimRequest,
  HeldLease,
  LeaseChange,
  LeaseHolder,
  LeaseListing,
  LeaseSession,
  Release,
  RenewedSession,
  ServingLeases,
  SessionEnd,
  VolumeChange,
} from './core/leases/serving-leases.js';
export type {
  LeaseWork,
  LossReason,
  SessionState,
} from './core/leases/lease-ports.js';
export type { VolumeWaitedFor } from './core/report/waiting.js';

export { upgradeConfMapIfNeeded } from './core/configuration/upgrade.js';
export { computeTopology } from './core/configuration/configuration.js';
export { planHandOver } from './core/configuration/hand-over.js';
export { computeDelta } from './core/plan/delta.js';
export type { TopologyDelta } from './core/plan/delta.js';
export type {
  Holdings,
  Topology,
  TopologyProblem,
  Volume,
  VolumeGroup,
} from './core/model/topology.js';

export type { DryRunReport } from './core/transition/dry-run.js';
export type { ResetTarget } from './core/transition/reset.js';
export type { TransitionPlan } from './core/transition/plan-description.js';
export type { Step } from './core/model/step.js';
export type { CallRecord } from './core/run/journal.js';
export type { TransitionEvent } from './core/report/events.js';
export type {
  DeltaCounts,
  StepList,
  TransitionDurations,
  TransitionReport,
} from './core/report/report.js';
export type { TransitionFailure } from './core/report/failure.js';
export type { TransitionOutcome } from './core/report/outcome.js';
export type {
  Lifecycle,
  ParticipantSnapshot,
  PendingRetry,
  ReportSummary,
  RunningTransition,
  TransitionsSnapshot,
  UnknownCallback,
} from './core/state/snapshot.js';

export {
  AbandonedError,
  CallbackError,
  CallbackTimeoutError,
  ConfigurationError,
  ConfigurationLoadError,
  ConfigurationLoadTimeoutError,
  DeviationError,
  InternalError,
  PreemptedByDownError,
  ReentrantTransitionError,
  RejectTransition,
  SectionOptionsError,
  SupersededError,
  TargetUnknownError,
  TooManyUnservedError,
  TransitionsError,
  TransitionStateError,
  VetoError,
  VolumeFailedError,
} from './core/model/errors.js';
export {
  DownError,
  TransitionFailedError,
} from './core/report/report-errors.js';
export { ParticipantError } from './participants/participant-error.js';
export { SighupTakenError } from './reload/sighup-taken-error.js';
export { TransitionsOptionsError } from './checks/transitions-options-error.js';
