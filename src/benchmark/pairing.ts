import { normEnergy, probe, relativeDistance } from '../coupling/index.ts'
import type { HostTensor } from '../engine/tensor.ts'
import { Rng } from '../random/rng.ts'
import { type Rows, rows } from '../rows.ts'
import { createBatches } from '../train/batches.ts'
import type { TrainingTask } from '../train/task.ts'
import type { JobRecord } from './record.ts'

/** Samples that the diagnostics look at. */
const SAMPLES = 4096

/** How the noise relates to data and observations in the last steps of a run. */
export async function diagnosePairing(
  task: TrainingTask,
  { batch, steps, seed }: { readonly batch: number; readonly steps: number; readonly seed: number },
): Promise<JobRecord['pairing']> {
  const rng = Rng.seeded(seed)
  const batches = createBatches(task, batch, rng)
  const count = Math.ceil(SAMPLES / batch)
  const parts: Awaited<ReturnType<typeof batches.at>>[] = []
  for (let step = Math.max(0, steps - count); step < steps; step++) parts.push(await batches.at(step))
  const stack = (name: string): Rows => {
    const tensors = parts.map((part) => part[name] as HostTensor)
    const columns = tensors[0].values.length / batch
    const values = new Float32Array(parts.length * batch * columns)
    tensors.forEach((tensor, i) => {
      values.set(tensor.values as Float32Array, i * batch * columns)
    })
    return rows(values, parts.length * batch, columns)
  }
  const [data, noise] = [stack('data'), stack('noise')]
  return {
    normEnergy: normEnergy(noise),
    probe: task.network.condition > 0 ? probe(noise, stack('condition')) : 0,
    distance: relativeDistance(data, noise, rng.fork('pairing')),
  }
}
