export { callbackNames } from './callbacks.js';
export type {
  CallbackName,
  TransitionCallbacks,
  TransitionContext,
  TransitionKind,
} from './callbacks.js';
export { checkConfiguration, computeTopology } from './candidate.js';
export type { Configuration } from './candidate.js';
export type { Clock } from './clock.js';
export { Coordinator } from './coordinator.js';
export type { CoordinatorPorts } from './coordinator.js';
export { computeDelta, isEmptyDelta } from './delta.js';
export type { TopologyDelta } from './delta.js';
export {
  AbandonedError,
  CallbackError,
  CallbackTimeoutError,
  ConfigurationError,
  ConfigurationLoadError,
  ConfigurationLoadTimeoutError,
  InternalError,
  PreemptedByDownError,
  ReentrantTransitionError,
  RejectTransition,
  TargetUnknownError,
  TooManyUnservedError,
  TransitionsError,
  TransitionStateError,
  VetoError,
} from './errors.js';
export type { TransitionEvent } from './events.js';
export { openGuard } from './guard.js';
export type { ReentrancyGuard } from './guard.js';
export type { ReloadRequest } from './job-queue.js';
export type { CallRecord } from './journal.js';
export type { LoadConfiguration, LoadRequest } from './loading.js';
export { initialState } from './participant.js';
export type {
  Participant,
  ParticipantOptions,
  ParticipantState,
} from './participant.js';
export { planTransition } from './plan.js';
export type { PlanBlock, PlanKind, Target } from './plan.js';
export type { EventSink } from './plan-runner.js';
export type {
  DeltaCounts,
  StepList,
  TransitionOutcome,
  TransitionReport,
  VolumeFailure,
} from './report.js';
export { defaultSettings } from './settings.js';
export type { TransitionSettings } from './settings.js';
export type {
  Lifecycle,
  ParticipantSnapshot,
  TransitionsSnapshot,
} from './snapshot.js';
export { describeStep } from './step.js';
export type { Step } from './step.js';
export { noHoldings } from './topology.js';
export type { Holdings, Topology, Volume, VolumeGroup } from './topology.js';
