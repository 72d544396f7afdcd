import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { plannerSchema } from '../../src/config/planner.ts'
import { onnxEngine } from '../../src/engine/index.ts'
import type { HostTensor } from '../../src/engine/tensor.ts'
import type { Environment, Space } from '../../src/env/environment.ts'
import { InputError } from '../../src/errors.ts'
import { readLeRobotPolicy } from '../../src/policy/lerobot.ts'
import { createPlanner, createPolicy } from '../../src/policy/policy.ts'
import type { Rng } from '../../src/random/rng.ts'
import { rows } from '../../src/rows.ts'
import { readSafetensors, writeSafetensors } from '../../src/weights/safetensors.ts'
import { close, type FixtureCase, fixturePath, host, readCase, readTensors } from '../models/fixture.ts'
import { predict } from '../models/parity.ts'
import { runners } from '../models/runners.ts'
import { scratch } from '../scratch.ts'

const FOLDER = fixturePath('lerobot', 'diffusion')
const { tolerance } = await readCase<Pick<FixtureCase, 'tolerance'>>('lerobot', 'diffusion')
const tensors = await readTensors('lerobot', 'diffusion.safetensors')

const space = (width: number): Space => {
  const all = (value: number) => new Array<number>(width).fill(value)
  return { low: all(-1e3), high: all(1e3), names: all(0).map(String) }
}
const environment = { dynamics: { observation: space(5), action: space(2) } } as unknown as Environment

const engine = onnxEngine({ device: 'cpu', threads: 1 })

async function read(options: Parameters<typeof readLeRobotPolicy>[1] = {}) {
  const { settings, ...weights } = await readLeRobotPolicy(FOLDER, options)
  return { config: plannerSchema.parse({ environment: 'elsewhere', ...settings }), ...weights }
}

/** A copy of the policy's folder, to be changed. */
async function copied(): Promise<string> {
  const folder = scratch()
  await cp(FOLDER, folder, { recursive: true })
  return folder
}

async function change(folder: string, changes: Record<string, unknown>): Promise<void> {
  const path = join(folder, 'config.json')
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...changes }))
}

for (const runner of runners) {
  test(`${runner.name}: the network of a LeRobot policy predicts what it predicts there`, async (t) => {
    const { config, parameters } = await read()
    const { network } = createPolicy(config, environment)
    const output = await predict(runner, network, parameters, {
      sample: tensors['in.sample'],
      time: host([3], tensors['in.timestep'].values),
      condition: tensors['in.global_cond'],
    })
    close(t, output, tensors['out.output'].values, tolerance.output, 'output')
  })
}

/** The fixture's observations, [4, 2 × 5], each with the robot's or the environment's state first. */
function histories(environmentFirst: boolean): Float32Array {
  const out = new Float32Array(4 * 10)
  const put = (values: HostTensor['values'], width: number, at: number) => {
    for (let step = 0; step < 8; step++)
      out.set(values.subarray(width * step, width * (step + 1)), 5 * step + at)
  }
  put(tensors['in.state'].values, 2, environmentFirst ? 3 : 0)
  put(tensors['in.environment_state'].values, 3, environmentFirst ? 0 : 2)
  return out
}

for (const environmentFirst of [false, true]) {
  const first = environmentFirst ? 'environment' : 'robot'
  test(`a LeRobot policy plans what it plans there, observing the ${first} first`, async (t) => {
    const { config, parameters, normalizer } = await read({ environmentFirst })
    const planner = createPlanner(config, environment, { parameters, normalizer }, engine)
    const noise = tensors['in.noise'].values
    // DDIM draws nothing but what it starts from.
    const streams = [0, 1, 2, 3].map(
      (i) => ({ fillNormal: (out: Float32Array) => out.set(noise.subarray(16 * i, 16 * i + 16)) }) as Rng,
    )
    const plans = await planner(rows(histories(environmentFirst), 4, 10), streams)
    const { observe, act } = config.policy
    const carriedOut = [0, 1, 2, 3].flatMap((i) => {
      const from = 16 * i + 2 * (observe - 1)
      return [...plans.values.subarray(from, from + 2 * act)]
    })
    close(t, carriedOut, tensors['out.actions'].values, tolerance.actions, 'actions')
  })
}

test('statistics among the weights, and names of a compiled network, are understood', async (t) => {
  const expected = await readLeRobotPolicy(FOLDER)
  const folder = await copied()
  const state = join(folder, 'policy_preprocessor_step_3_normalizer_processor.safetensors')
  const statistics = (await readSafetensors(state)).tensors
  await rm(join(folder, 'policy_preprocessor.json'))
  const path = join(folder, 'model.safetensors')
  const weights: Record<string, HostTensor> = {}
  for (const [name, tensor] of Object.entries((await readSafetensors(path)).tensors)) {
    weights[name.replace('.unet.', '.unet._orig_mod.')] = tensor
  }
  for (const [name, tensor] of Object.entries(statistics)) {
    const [, feature, statistic] = /^(.*)\.(\w+)$/.exec(name)!
    const part = feature === 'action' ? 'unnormalize_outputs' : 'normalize_inputs'
    weights[`${part}.buffer_${feature.replaceAll('.', '_')}.${statistic}`] = tensor
  }
  await writeSafetensors(path, weights)
  t.deepEqual(await readLeRobotPolicy(folder), expected)
})

test('what cannot be used is named with its file', async (t) => {
  const feature = { type: 'STATE', shape: [2] }
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ type: 'act' }, /config\.json: type is "act"/],
    [{ horizon: undefined }, /config\.json: horizon is missing/],
    [{ beta_end: 0.5 }, /config\.json: beta_end is 0\.5/],
    [{ output_features: {} }, /config\.json has no feature "action"/],
    [
      {
        input_features: {
          'observation.state': feature,
          'observation.image': { type: 'VISUAL', shape: [3, 8, 8] },
        },
      },
      /sees the image "observation\.image"/,
    ],
    [
      { kernel_size: 5 },
      /model\.safetensors are not for this temporal U-Net: "[^;]*(; "[^;]*){5,}; check the configuration/,
    ],
    [{ input_features: { 'observation.state': { ...feature, shape: [5] } } }, /has no "min" of 5 numbers/],
  ]
  const folder = await copied()
  const original = JSON.parse(await readFile(join(FOLDER, 'config.json'), 'utf8'))
  for (const [changes, message] of cases) {
    await change(folder, { ...original, ...changes })
    await t.throwsAsync(readLeRobotPolicy(folder), { instanceOf: InputError, message })
  }
  await rm(join(folder, 'config.json'))
  await t.throwsAsync(readLeRobotPolicy(folder), {
    instanceOf: InputError,
    message: /Cannot read .*config\.json/,
  })
})
