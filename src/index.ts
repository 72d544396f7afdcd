/**
 * Train diffusion planners for robots, with noise that is chosen rather than drawn blindly.
 *
 * The parts compose freely: a {@link Network}, a {@link Process}, a {@link Coupling} and samples make a
 * {@link TrainingTask} for {@link train}; the weights it gives make a {@link Planner}.
 *
 * @module
 */
export { parseConfig } from './config/parse.ts'
export { type PlannerConfig, type PlannerInput, plannerSchema } from './config/planner.ts'
export { PRESETS, type Preset, preset } from './config/presets.ts'
export { type TrainingSettings, trainingSchema } from './config/training.ts'
export * from './coupling/index.ts'
export { type CollectOptions, collectDemonstrations } from './data/collect.ts'
export { type Dataset, fromEpisodes, toEpisodes } from './data/dataset.ts'
export { readReplayBuffer, writeReplayBuffer } from './data/replay-buffer.ts'
export * from './diffusion/index.ts'
export * from './engine/index.ts'
export { checkEnv } from './env/check-env.ts'
export { createEnv } from './env/create-env.ts'
export type * from './env/environment.ts'
export { recordEpisode } from './env/record-episode.ts'
export * from './errors.ts'
export type { EpisodeRecord } from './evaluate/episode-record.ts'
export { formatEvaluation } from './evaluate/format-evaluation.ts'
export { createRolloutPool, rolloutParallel } from './evaluate/parallel.ts'
export { plotPage, plotPaths } from './evaluate/plot.ts'
export { rollout } from './evaluate/rollout.ts'
export { type Evaluation, summarize } from './evaluate/summarize.ts'
export { createNetwork, type NetworkConfig, networks } from './models/index.ts'
export type { HostParameters, Network, NetworkInputs } from './models/network.ts'
export { diffusionPlanner } from './policy/diffusion-planner.ts'
export type { Planner } from './policy/planner.ts'
export { createPlanner, createPolicy } from './policy/policy.ts'
export { Rng, type RngState } from './random/rng.ts'
export { type Rows, row, rows, zeroRows } from './rows.ts'
export type { TrainEvent, TrainingState } from './train/events.ts'
export { train } from './train/loop.ts'
export { type PlannerRunRequest, trainPlannerRun } from './train/planner-run.ts'
export { plannerTask } from './train/planner-task.ts'
export { trainPlannerInThread } from './train/planner-thread.ts'
export type { RunEvent } from './train/run-events.ts'
export type { Samples, TrainingTask } from './train/task.ts'
export { openSafetensors, readSafetensors, writeSafetensors } from './weights/safetensors.ts'
