import Table from 'cli-table3'
import { loadEnvironment } from '../envs/index.ts'
import { preset } from '../src/config/presets.ts'
import { createCoupling, normEnergy, probeCondition, relativeDistance } from '../src/coupling/index.ts'
import { collectDemonstrations } from '../src/data/collect.ts'
import { Rng } from '../src/random/rng.ts'
import { createOrder } from '../src/train/batches.ts'
import { plannerTask } from '../src/train/planner-task.ts'
import { createPools } from '../src/train/pools.ts'

/** What probes read of the observation in the noise that a coupling chooses, over seeds. */
export interface ProbesRow {
  readonly task: string
  readonly coupling: string
  readonly seeds: number
  /** Samples that each probe looks at. */
  readonly samples: number
  readonly linear: Reading
  readonly bent: Reading
  /** E‖n‖²/D, and the distance to the noise relative to independent noise: means over seeds. */
  readonly energy: number
  readonly distance: number
}

/** R² of a probe. */
export interface Reading {
  /** How far it lies above the greatest of 19 shuffles: mean, least and most over seeds; below 0 it reads nothing. */
  readonly above: { readonly mean: number; readonly least: number; readonly most: number }
  /** Seeds in which it lies above them, which chance does once in twenty times. */
  readonly exceeding: number
}

/** Seeds of demonstrations, order and noise: none of those on which settings were chosen. */
const SEEDS = [11, 12, 13, 14, 15]
const SAMPLES = 8192
const COUPLINGS = [
  'independent',
  'assignment',
  'nearest',
  'local',
  'local:balance=0',
  'penalised',
  'residual',
  'residual:coupling=assignment',
]

/** Reads the noise of every coupling on the windows that a preset trains on. Nothing in it depends on the machine. */
export async function probes(name: string): Promise<ProbesRow[]> {
  const config = preset(name)
  const environment = await loadEnvironment(config.environment)
  const found = COUPLINGS.map(() => [] as Awaited<ReturnType<typeof read>>[])
  for (const seed of SEEDS) {
    const { count } = config.demonstrations
    const demonstrations = collectDemonstrations(environment, { count, seed })
    const { task } = plannerTask({ ...config, seed }, environment, demonstrations)
    const { batch } = config.training
    for (const [k, coupling] of COUPLINGS.entries()) {
      const rng = Rng.seeded(seed)
      const order = createOrder(task.training, batch, rng)
      const pools = createPools({ ...task, coupling: createCoupling(coupling) }, batch, order, rng)
      found[k].push(await read(await pools.sample(0, SAMPLES), seed))
    }
    console.error(`${name}, seed ${seed}`)
  }
  const rows = COUPLINGS.map((coupling, k): ProbesRow => {
    const each = found[k]
    return {
      task: name,
      coupling,
      seeds: SEEDS.length,
      samples: SAMPLES,
      linear: reading(each.map(({ linear }) => linear)),
      bent: reading(each.map(({ bent }) => bent)),
      energy: mean(each.map(({ energy }) => energy)),
      distance: mean(each.map(({ distance }) => distance)),
    }
  })
  const table = new Table({
    head: ['task', 'coupling', 'linear above chance', 'bent above chance', 'E‖n‖²/D', 'distance'],
  })
  for (const { task, coupling, linear, bent, energy, distance, seeds } of rows) {
    const shown = ({ above, exceeding }: Reading) => `${above.mean.toFixed(4)} (${exceeding} of ${seeds})`
    table.push([task, coupling, shown(linear), shown(bent), energy.toFixed(2), distance.toFixed(3)])
  }
  console.log(table.toString())
  return rows
}

async function read(
  { data, noise, condition }: Awaited<ReturnType<ReturnType<typeof createPools>['sample']>>,
  seed: number,
) {
  const rng = Rng.seeded(seed)
  const { linear, bent } = probeCondition(noise, condition!, rng.fork('probe'))
  return {
    linear: linear.value - linear.limit,
    bent: bent.value - bent.limit,
    energy: normEnergy(noise),
    distance: relativeDistance(data, noise, rng.fork('independent')),
  }
}

function reading(above: readonly number[]): Reading {
  return {
    above: { mean: mean(above), least: Math.min(...above), most: Math.max(...above) },
    exceeding: above.filter((each) => each > 0).length,
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
