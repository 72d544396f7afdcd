import { type Comparison, compare } from './comparison.ts'
import { NETWORKS } from './job.ts'
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
