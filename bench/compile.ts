import { type Comparison, median } from './comparison.ts'
import { NETWORKS } from './job.ts'
import { runOwn } from './sides.ts'

/** Times the compilation of a training step in a fresh process; PyTorch's eager mode compiles nothing. */
export async function compile(rounds: number): Promise<Comparison[]> {
  const name = 'U-Net of 5.4 M'
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const found = await runOwn({ task: 'train', network: NETWORKS[name], batch: 256, warmUp: 0, repeats: 0 })
    times.push(found.compile!)
  }
  return [
    { figure: `compile the train step, ${name}`, unit: 'ms', own: median(times), aim: 'here ≤ 2,000 ms' },
  ]
}
