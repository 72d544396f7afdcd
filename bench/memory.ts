import type { Comparison } from './comparison.ts'
import { NETWORKS } from './job.ts'
import { runOwn } from './sides.ts'

/** How much more memory is held after a thousand training steps than after the hundred that warm up. */
export async function memory(): Promise<Comparison[]> {
  const name = 'U-Net of 0.2 M'
  const task = { task: 'train', network: NETWORKS[name], batch: 16, warmUp: 100, repeats: 1000 } as const
  const { growth } = await runOwn(task)
  return [
    { figure: `growth of memory over 1,000 train steps, ${name}`, unit: 'MiB', own: growth, aim: 'none' },
  ]
}
