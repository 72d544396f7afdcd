export { relativeDistance } from './distance.ts'
export { type NormTest, normEnergy, normTest } from './norm.ts'
export { type ProbeResult, type Probes, probe, probeCondition, probeLabels } from './probe.ts'
export { type Separation, separation } from './separation.ts'
