export type { Predecessor } from './model/predecessor.js';
export { callbackNames } from './model/callback-table.js';
export type {
  CallbackName,
  TransitionCallbacks,
  TransitionContext,
  TransitionKind,
} from './model/callbacks.js';
export {
  checkConfiguration,
  computeTopology,
} from './configuration/configuration.js';
export type { Configuration } from './configuration/configuration.js';
export { SectionSchemas } from './configuration/section-schemas.js';
export type { SchemasBySection } from './configuration/schema-table.js';
export type { StaleConfiguration, StandIn } from './configuration/stale.js';
export type { Clock } from './time/clock.js';
export { Coordinator } from './coordinator.js';
export type { CoordinatorPorts } from './coordinator-ports.js';
export { computeDelta, isEmptyDelta } from './plan/delta.js';
export type { TopologyDelta } from './plan/delta.js';
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
} from './model/errors.js';
export type { EventSink, TransitionEvent } from './report/events.js';
export { openGuard } from './guard.js';
export type { ReentrancyGuard } from './guard.js';
export { Deadline } from './leases/deadline.js';
export type { Moment } from './leases/deadline.js';
export type { HeldVolume, WaitingVolume } from './leases/lease-books.js';
export { LeaseKeeper } from './leases/lease-keeper.js';
export { LeaseLostError } from './leases/lease-lost.error.js';
export {
  LeaseStoreNotFoundError,
  type KnownStores,
} from './leases/lease-store-not-found.error.js';
export type {
  LeaseListener,
  LeasePorts,
  LeaseSettings,
  StoreMemory,
  LeaseWork,
  LossReason,
  SessionState,
} from './leases/lease-ports.js';
export { LeaseStoreError, maxNoteBytes } from './leases/serving-leases.js';
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
} from './leases/serving-leases.js';
export type { DryRunReport } from './transition/dry-run.js';
export type { ReloadRequest } from './transition/job-queue.js';
export type { ResetTarget } from './transition/reset.js';
export type { CallRecord } from './run/journal.js';
export type {
  LoadConfiguration,
  LoadRequest,
} from './configuration/loading.js';
export { initialState } from './model/participant.js';
export type {
  Participant,
  ParticipantOptions,
  ParticipantState,
} from './model/participant.js';
export { planTransition } from './plan/plan.js';
export type { PlanBlock, PlanKind } from './plan/plan.js';
export type {
  DeltaCounts,
  StepList,
  TransitionReport,
} from './report/report.js';
export type { TransitionFailure } from './report/failure.js';
export type { TransitionOutcome } from './report/outcome.js';
export { defaultSettings } from './transition/settings.js';
export type {
  RetrySettings,
  TransitionSettings,
} from './transition/settings.js';
export type {
  Lifecycle,
  ParticipantSnapshot,
  PendingRetry,
  RunningTransition,
  TransitionsSnapshot,
} from './state/snapshot.js';
export { describeStep } from './model/step.js';
export type { Step, Target } from './model/step.js';
export { noHoldings } from './model/topology.js';
export type {
  Holdings,
  Topology,
  Volume,
  VolumeGroup,
} from './model/topology.js';
