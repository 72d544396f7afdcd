import { type Comparison, compare } from './comparison.ts'
import { NETWORKS } from './job.ts'
import { takeTurns } from './sides.ts'

const CASES = {
  denoise: { name: 'U-Net of 5.4 M', what: 'denoise step', steps: 1, repeats: 100, aim: '≥ 5' },
  'denoise-large': { name: 'U-Net of 65.8 M', what: 'denoise step', steps: 1, repeats: 40, aim: '≥ 3' },
  plan: {
    name: 'U-Net of 5.4 M',
    what: 'plan of 16 DDIM steps',
    steps: 16,
    repeats: 15,
    aim: 'here ≤ 100 ms',
  },
} as const

/** Times plans for one episode, from noise to actions; one of a single step is one denoising step. */
export async function plan(what: keyof typeof CASES, rounds: number): Promise<Comparison[]> {
  const { name, steps, repeats, aim, what: kind } = CASES[what]
  const taken = await takeTurns({ task: 'plan', network: NETWORKS[name], steps, warmUp: 5, repeats }, rounds)
  return [compare(taken, ({ median }) => median, { figure: `${kind}, ${name}, batch 1`, unit: 'ms', aim })]
}
