import test from 'ava'
import avoiding from '../../envs/avoiding/index.ts'
import twoWay from '../../envs/two-way/index.ts'
import { preset } from '../../src/config/presets.ts'
import { type CouplingConfig, createCoupling, probeCondition } from '../../src/coupling/index.ts'
import { collectDemonstrations } from '../../src/data/collect.ts'
import { shuffled } from '../../src/data/order.ts'
import type { Environment } from '../../src/env/environment.ts'
import { Rng } from '../../src/random/rng.ts'
import { plannerTask } from '../../src/train/planner-task.ts'
import { createPools } from '../../src/train/pools.ts'

/** Samples that the probes look at. */
const SEEN = 4096
const BATCH = 128

/** What the noise tells of the observation in the windows on which a preset trains. */
function probesOn(name: string, environment: Environment, episodes: number) {
  const demonstrations = collectDemonstrations(environment, { count: episodes, seed: 0 })
  const { task } = plannerTask(preset(name), environment, demonstrations)
  return async (coupling: CouplingConfig | string) => {
    const rng = Rng.seeded(1)
    const order = shuffled(task.training.data.rows, rng)
    const pools = createPools({ ...task, coupling: createCoupling(coupling) }, BATCH, order.indices, rng)
    const { noise, condition } = await pools.sample(0, SEEN)
    return probeCondition(noise, condition!, Rng.seeded(2))
  }
}

for (const [name, environment, episodes] of [
  ['two-way', twoWay, 120],
  ['avoiding', avoiding, 120],
] as const) {
  const probes = probesOn(name, environment, episodes)

  test(`on ${name}, noise that is assigned blindly tells the observation`, async (t) => {
    const { linear, bent } = await probes('assignment')
    t.true(linear.value > 0.1, JSON.stringify(linear))
    t.true(bent.value > 0.1, JSON.stringify(bent))
  })

  test(`on ${name}, the preset's own coupling leaves no trace`, async (t) => {
    const { linear, bent } = await probes(preset(name).coupling)
    t.true(linear.value < linear.limit + 0.01, JSON.stringify(linear))
    t.true(bent.value < bent.limit + 0.02, JSON.stringify(bent))
  })

  for (const coupling of ['local', 'penalised', 'residual', 'residual:coupling=local']) {
    test(`on ${name}, a probe reads chance from ${coupling}`, async (t) => {
      const { linear, bent } = await probes(coupling)
      t.true(linear.value < linear.limit + 0.01, JSON.stringify(linear))
      t.true(bent.value < bent.limit + 0.02, JSON.stringify(bent))
    })
  }
}
