import type { MessageOf } from '../../../viewer/protocol/index.ts'
import type { PlannerConfig } from '../../config/planner.ts'
import { createCoupling } from '../../coupling/index.ts'
import { episodeCount } from '../../data/dataset.ts'
import type { Normalizer } from '../../data/normalizer.ts'
import { windowIndices } from '../../data/windows.ts'
import type { Environment } from '../../env/environment.ts'
import { encodeWindows } from '../../policy/codec.ts'
import { createPolicy } from '../../policy/policy.ts'
import { Rng } from '../../random/rng.ts'
import { type Rows, row, zeroRows } from '../../rows.ts'
import { demonstrationsOf } from './demonstration-paths.ts'
import { mainPlane, projected } from './main-plane.ts'

/** Pairs that are drawn. */
const DRAWN = 240

/**
 * One pool of training samples, paired with noise as vanilla diffusion does and as the run's coupling does: the
 * same samples and, where the coupling does not choose other ones, the same noises.
 */
export async function couplingMessage(
  run: number,
  config: PlannerConfig,
  environment: Environment,
  normalizer: Normalizer,
): Promise<MessageOf<'coupling'> | undefined> {
  const dataset = await demonstrationsOf(config, environment)
  if (!dataset) return undefined
  const { observe, plan, act } = config.policy
  const everyone = new Uint8Array(episodeCount(dataset)).fill(1)
  const { samples } = encodeWindows(
    dataset,
    createPolicy(config, environment).codec,
    everyone,
    act - 1,
    normalizer,
  )
  const { episode } = windowIndices(dataset, plan, observe - 1, act - 1)
  const coupling = createCoupling(config.coupling)
  const batchSize = config.training.batch
  const rng = Rng.seeded(config.seed).fork('view coupling')
  const order = rng.fork('order').permutation(samples.data.rows)
  const picked = Int32Array.from(
    { length: coupling.poolBatches * batchSize },
    (_, i) => order[i % order.length],
  )
  const data = take(samples.data, picked)
  const condition = take(samples.condition, picked)
  const pair = (how: typeof coupling) =>
    how.couple(data, rng.fork('noise'), { condition, batchSize, step: 0 })
  const before = await pair(createCoupling('independent'))
  const after = await pair(coupling)
  const plane = mainPlane(data)
  const shown = Int32Array.from({ length: Math.min(DRAWN, data.rows) }, (_, i) => i)
  return {
    type: 'coupling',
    run,
    name: coupling.name,
    data: projected(data, shown, plane),
    before: projected(before, shown, plane),
    after: projected(after, shown, plane),
    modes: Int16Array.from(shown, (i) => dataset.mode?.[episode[picked[i]]] ?? -1),
    cost: { before: cost(data, before), after: cost(data, after), dimensions: data.columns },
  }
}

function take(source: Rows, indices: Int32Array): Rows {
  const out = zeroRows(indices.length, source.columns)
  for (let i = 0; i < indices.length; i++) row(out, i).set(row(source, indices[i]))
  return out
}

/** Mean squared distance of paired rows. */
function cost(a: Rows, b: Rows): number {
  let sum = 0
  for (let i = 0; i < a.values.length; i++) sum += (a.values[i] - b.values[i]) ** 2
  return sum / a.rows
}
