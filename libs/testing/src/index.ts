export { CallLog, lineOf } from './call-log.js';
export type { AllCallbacks, Call, CallListener } from './call-log.js';
export { confOf } from './conf-of.js';
export type { ClusterDescription, GroupDescription } from './conf-of.js';
export { FaultPlan, faults, faulty, InjectedFault } from './faulty.js';
export type { Fault, FaultyStep } from './faulty.js';
export { TransitionsHarness } from './harness.js';
export type {
  HarnessOptions,
  HarnessParticipant,
  HarnessReload,
} from './harness.js';
export { MemoryLeaseStore } from './leases/memory-lease-store.js';
export type { LeaseClock } from './leases/memory-lease-store.js';
export {
  memoryServingLeases,
  MemoryServingLeases,
} from './leases/memory-serving-leases.js';
export type {
  LeaseLink,
  MemoryServingLeasesOptions,
} from './leases/memory-serving-leases.js';
export { InvariantMonitor } from './monitor/invariant-monitor.js';
export type { MonitorOptions } from './monitor/invariant-monitor.js';
export { InvariantError } from './monitor/violation.js';
export type { Violation } from './monitor/violation.js';
export { recorder, Recorder } from './recorder.js';
export type { RecordingParticipant } from './recorder.js';
export { TestGate } from './test-gate.js';
export type { Drain } from './test-gate.js';
export { VirtualClock } from './virtual-clock.js';
