export { type BatchCoefficients, batchCoefficients, drawTimes, estimateCoefficients } from './coefficients.ts'
export { type ConsistencyOptions, consistency, type SelfConsistency } from './consistency.ts'
export { type DdpmOptions, ddpm } from './ddpm.ts'
export {
  type Denoise,
  type Estimate,
  type EstimateOptions,
  type Estimator,
  estimator,
} from './denoise.ts'
export { type FlowOptions, flow } from './flow.ts'
export { type GuidanceOptions, guide } from './guidance.ts'
export { idealData, idealDenoiser } from './ideal-denoiser.ts'
export { type InpaintOptions, inpaint } from './inpaint.ts'
export type { Prediction } from './prediction.ts'
export {
  type Conversion,
  type DiscreteProcess,
  isDiscrete,
  type Mix,
  type OdeForm,
  type Process,
} from './process.ts'
export { type DrawNoise, initialNoise, type NoiseSource, noiseFrom } from './random-rows.ts'
export {
  checkSampler,
  createProcess,
  createSampler,
  type ProcessConfig,
  type SamplerConfig,
  samplersFor,
} from './registry.ts'
export { sample } from './sample.ts'
export { type ConsistencySamplerOptions, sampleConsistency } from './samplers/consistency.ts'
export { type DdimOptions, sampleDdim } from './samplers/ddim.ts'
export { type DdpmSamplerOptions, sampleDdpm } from './samplers/ddpm.ts'
export { type Dopri5Options, sampleDopri5 } from './samplers/dopri5.ts'
export { sampleDpmSolver } from './samplers/dpm-solver.ts'
export { sampleEuler } from './samplers/euler.ts'
export type { OdeOptions } from './samplers/fixed-steps.ts'
export { sampleHeun } from './samplers/heun.ts'
export { sampleMidpoint } from './samplers/midpoint.ts'
export { type PndmOptions, samplePndm } from './samplers/pndm.ts'
export type { Project, Sampler, SamplerStep, Sampling } from './samplers/sampler.ts'
export {
  type BetaRange,
  cosine,
  createSchedule,
  linear,
  type Schedule,
  type ScheduleConfig,
  type ScheduleName,
  scaledLinear,
  squaredcosCapV2,
} from './schedules.ts'
export type { DiscreteSpacing, FlowSpacing, GridOptions, TimeGrid } from './time-grid.ts'
export type { TrainingTimes } from './training-times.ts'
