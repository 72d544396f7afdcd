import { type Comparison, compare } from './comparison.ts'
import { IMAGE_NETWORKS, NETWORKS } from './job.ts'
import { takeTurns } from './sides.ts'

const CASES = {
  small: { name: 'U-Net of 5.4 M', batch: 256, repeats: 10, aim: 1.5 },
  large: { name: 'U-Net of 65.8 M', batch: 64, repeats: 5, aim: 1.4 },
} as const

/** Times a training step (forward, backward, AdamW, moving average), and takes the most memory it holds. */
export async function trainStep(size: keyof typeof CASES, rounds: number): Promise<Comparison[]> {
  const { name, batch, repeats, aim } = CASES[size]
  const taken = await takeTurns({ task: 'train', network: NETWORKS[name], batch, warmUp: 2, repeats }, rounds)
  const figure = `train step, ${name}, batch ${batch}`
  return [
    compare(taken, ({ median }) => median, { figure, unit: 'ms', aim: `≥ ${aim}` }),
    compare(taken, ({ peak }) => peak, { figure: `${figure}: peak memory`, unit: 'MiB', aim: '≥ 0.67' }),
  ]
}

const IMAGE_CASES = {
  'images-small': { name: 'image U-Net, 28 × 28, 32 channels', batch: 128, repeats: 3 },
  'images-large': { name: 'image U-Net, 32 × 32, 128 channels', batch: 16, repeats: 3 },
} as const

/** The same for image generators. */
export async function imageTrainStep(size: keyof typeof IMAGE_CASES, rounds: number): Promise<Comparison[]> {
  const { name, batch, repeats } = IMAGE_CASES[size]
  const network = IMAGE_NETWORKS[name]
  const taken = await takeTurns({ task: 'train', network, batch, warmUp: 1, repeats }, rounds)
  const figure = `train step, ${name}, batch ${batch}`
  return [
    compare(taken, ({ median }) => median, { figure, unit: 'ms', aim: '≥ 1' }),
    compare(taken, ({ peak }) => peak, { figure: `${figure}: peak memory`, unit: 'MiB', aim: '≥ 0.67' }),
  ]
}
