import { createJob, EVALUATIONS } from '../../src/benchmark/job.ts'
import type { JobResult } from '../../src/benchmark/record.ts'
import { Rng } from '../../src/random/rng.ts'

/** Made-up results with known effects, as if trained; `success` gives an arm's true rate. */
export interface Synthetic {
  readonly task: string
  readonly arm: string
  readonly seed: number
  readonly success: (evaluations: number, progress: number) => number
  readonly energy?: (evaluations: number) => number
  /** Makes evaluations of images with about this Fréchet distance, in place of plans. */
  readonly frechet?: (evaluations: number) => number
  /** Shares of the modes; two even ones by default. */
  readonly shares?: readonly number[]
  readonly versions?: Readonly<Record<string, string>>
}

/** A PNG of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=='

/** What a job with these effects would have left. */
export function syntheticResult(made: Synthetic): JobResult {
  const { task, arm, seed, success, energy, frechet, shares = [0.5, 0.5] } = made
  const { config } = createJob(task, arm, seed)
  const { steps, checkpointEvery } = config.training
  const shared = Rng.seeded(seed).fork(task).normal()
  const rng = Rng.seeded(seed).fork(task, arm)
  const at = Array.from({ length: steps / checkpointEvery }, (_, i) => (i + 1) * checkpointEvery)
  const evaluations = at.flatMap((step) =>
    EVALUATIONS.map((count) => {
      if (frechet) {
        const distance = frechet(count) * (1 + 0.02 * rng.normal())
        const measured = {
          images: 400,
          frechet: distance,
          kernel: distance / 10,
          precision: 0.5,
          recall: 0.4,
        }
        return { type: 'images' as const, task, arm, seed, step, evaluations: count, ...measured }
      }
      const rate = success(count, step / steps) + 0.03 * shared + 0.02 * rng.normal()
      const wins = Math.round(200 * Math.min(1, Math.max(0, rate)))
      const modes = shares.map(() => 0)
      for (let i = 0; i < wins; i++) modes[draw(shares, rng)]++
      return {
        type: 'evaluation' as const,
        task,
        arm,
        seed,
        step,
        evaluations: count,
        episodes: 200,
        success: wins / 200,
        rewardMax: wins / 200,
        rewardMean: wins / 400,
        rewardFinal: wins / 200,
        length: 45,
        modes,
        energyDistance: energy ? energy(count) * (1 + 0.1 * rng.normal()) : null,
      }
    }),
  )
  const path = (side: number) => ({
    success: true,
    mode: side < 0 ? 0 : 1,
    points: [0, -1, side * 0.4, -0.4, side * 0.55, 0, side * 0.3, 0.6, 0, 1],
  })
  return {
    job: {
      type: 'job',
      task,
      arm,
      seed,
      evaluations: evaluations.length,
      versions: { ...(made.versions ?? { immiscible: '0.0.0' }) },
      config,
      parameters: 100_000,
      samples: 7000,
      pairing: {
        normEnergy: arm === 'nearest' ? 0.73 : 1,
        probe: arm === 'assignment' ? 0.4 : 0,
        distance: 0.97,
      },
      ...(seed === 0 && frechet && { pictures: { 1: PIXEL, 10: PIXEL } }),
      ...(seed === 0 && !frechet && { paths: { 1: [path(-1), path(1)], 10: [path(-0.9), path(1.1)] } }),
    },
    evaluations,
    timings: at.map((step) => ({
      type: 'timing' as const,
      task,
      arm,
      seed,
      step,
      seconds: 0.01 * step,
      batch: 1,
      compute: 9,
      ...(step === steps && {
        plan: { 1: 0.3, 2: 0.5, 4: 1, 10: 2.4 },
        planP95: { 1: 0.4, 2: 0.6, 4: 1.2, 10: 3 },
      }),
    })),
  }
}

function draw(shares: readonly number[], rng: Rng): number {
  let left = rng.uniform()
  const mode = shares.findIndex((share) => (left -= share) < 0)
  return mode < 0 ? shares.length - 1 : mode
}
