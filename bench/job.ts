import type { ImageUnetConfig } from '../src/models/image-unet.ts'
import type { TemporalUnetConfig } from '../src/models/temporal-unet.ts'

/** Threads of either side. */
export const THREADS = 2

/** A temporal U-Net with every size that both sides need to know. */
export type BenchNetwork = TemporalUnetConfig &
  Required<Pick<TemporalUnetConfig, 'condition' | 'widths' | 'timeEmbedding'>>

const SHAPE = { horizon: 16, channels: 2, condition: 40, timeEmbedding: 256 }

/** Diffusion Policy's sizes for two numbers an action, and one small enough for a thousand steps. */
export const NETWORKS = {
  'U-Net of 5.4 M': { ...SHAPE, widths: [64, 128, 256] },
  'U-Net of 65.8 M': { ...SHAPE, widths: [256, 512, 1024] },
  'U-Net of 0.2 M': { ...SHAPE, widths: [16, 32], timeEmbedding: 64 },
} satisfies Record<string, BenchNetwork>

/** An image U-Net with every size that both sides need to know. */
export type BenchImageNetwork = { readonly type: 'image-unet' } & ImageUnetConfig

/** torchcfm's network for CIFAR-10, without dropout, and a small one for digits. */
export const IMAGE_NETWORKS = {
  'image U-Net, 32 × 32, 128 channels': {
    type: 'image-unet',
    height: 32,
    width: 32,
    colors: 3,
    base: 128,
    multiples: [1, 2, 2, 2],
    blocks: 2,
    attention: [16],
    headWidth: 64,
  },
  'image U-Net, 28 × 28, 32 channels': {
    type: 'image-unet',
    height: 28,
    width: 28,
    colors: 1,
    base: 32,
    multiples: [1, 2, 2],
    blocks: 1,
    attention: [],
  },
} satisfies Record<string, BenchImageNetwork>

/** What a child process of either side is to do. */
export type Job = {
  readonly network: BenchNetwork | BenchImageNetwork
  readonly threads: number
  /** Repeats before the clock runs, and under it. */
  readonly warmUp: number
  readonly repeats: number
} & (
  | { readonly task: 'train'; readonly batch: number }
  /** Plans for one episode, by DDIM in `steps` of a hundred. */
  | { readonly task: 'plan'; readonly steps: number }
)

/** What a child process found. */
export interface Outcome {
  /** Numbers in the network's parameters. */
  readonly parameters: number
  /** Of one repeat, ms. */
  readonly median: number
  /** Memory held after the repeats less that held before them, MiB. */
  readonly growth: number
  /** Most memory ever held, MiB. */
  readonly peak: number
  /** Time to compile, ms; PyTorch's eager mode has none. */
  readonly compile?: number
}
