import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { FailureError } from '../src/errors.ts'
import { type Comparison, compare } from './comparison.ts'
import { type Outcome, THREADS } from './job.ts'
import { runPeer } from './peer.ts'
import type { Round } from './sides.ts'

/** A U-Net over latents, and what to do with it. */
export interface LatentJob {
  readonly task: 'train' | 'predict'
  readonly network: {
    readonly widths: readonly number[]
    readonly layers: number
    readonly heads: number
    /** Numbers of each token of the text. */
    readonly context: number
  }
  /** Height and width of the latents. */
  readonly size: number
  readonly tokens: number
  readonly batch: number
  readonly threads: number
  readonly warmUp: number
  readonly repeats: number
}

const SHAPE = { layers: 2, heads: 8, context: 768 }

/** A training step of a small latent U-Net, as Stable Diffusion's is built. */
export async function latentTrainStep(rounds: number): Promise<Comparison[]> {
  const job = {
    task: 'train',
    network: { ...SHAPE, widths: [64, 128, 256, 256] },
    size: 32,
    tokens: 77,
    batch: 4,
    threads: THREADS,
    warmUp: 2,
    repeats: 5,
  } as const
  const taken: Round[] = []
  for (let round = 0; round < rounds; round++) {
    const own = await runOwn(job)
    const peer = await runPeer<Outcome>('latent-unet.py', job, THREADS)
    if (peer && peer.parameters !== own.parameters) {
      throw new FailureError(
        `The networks differ: ${own.parameters} parameters here, ${peer.parameters} in bench/latent-unet.py; mend the latter.`,
      )
    }
    taken.push({ own, peer })
  }
  const figure = 'train step, latent U-Net of [64, 128, 256, 256], 32 × 32, batch 4'
  return [
    compare(taken, ({ median }) => median, { figure, unit: 'ms', aim: '≥ 1' }),
    compare(taken, ({ peak }) => peak, { figure: `${figure}: peak memory`, unit: 'MiB', aim: '≥ 0.67' }),
  ]
}

/** One forward pass of Stable Diffusion 1.4's U-Net, of 860 M parameters, at 64 × 64 latents and batch 1. */
export async function stableDiffusion(): Promise<Comparison[]> {
  const { median, peak } = await runOwn({
    task: 'predict',
    network: { ...SHAPE, widths: [320, 640, 1280, 1280] },
    size: 64,
    tokens: 77,
    batch: 1,
    threads: THREADS,
    warmUp: 0,
    repeats: 1,
  })
  const figure = 'forward pass of Stable Diffusion 1.4’s U-Net, 64 × 64, batch 1'
  return [
    { figure, unit: 'ms', own: median },
    { figure: `${figure}: peak memory`, unit: 'MiB', own: peak, aim: 'here ≤ 16,384 MiB' },
  ]
}

async function runOwn(job: LatentJob): Promise<Outcome> {
  const child = fileURLToPath(new URL('./latent-child.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    child,
    JSON.stringify(job),
  ])
  return JSON.parse(stdout)
}
