import test from 'ava'
import { type HostTensor, sizeOf, type Tree } from '../../src/engine/tensor.ts'
import { createNetwork } from '../../src/models/index.ts'
import type { HostParameters } from '../../src/models/network.ts'
import { Rng } from '../../src/random/rng.ts'
import { biasCorrections } from '../../src/train/optimizer.ts'
import {
  denoise,
  denoiseSignature,
  trainSignature,
  trainStep,
  validationLoss,
  validationSignature,
} from '../../src/train/step.ts'
import { close, host } from '../models/fixture.ts'
import { mapTree, onnx, runners } from '../models/runners.ts'
import { asFunction, scalarTree, testParity, zeros } from './step-parity.ts'

testParity(onnx)

for (const runner of runners) {
  test(`${runner.name}: clipping scales all gradients by one factor`, async (t) => {
    const { state, inputs, network } = toy()
    const run = async (clip?: number) => {
      const step = trainStep(network, { clip, betas: [0, 0.5], weightDecay: 0 })
      return runner.run('clip', asFunction(step), { state, inputs })
    }
    const plain = (await run()) as unknown as Outcome
    const norm = plain.outputs.gradientNorm.values[0]
    const clipped = (await run(norm / 4)) as unknown as Outcome
    const loose = (await run(norm * 4)) as unknown as Outcome
    close(t, clipped.outputs.gradientNorm.values, [norm], { relmax: 1e-6 }, 'norm before clipping')
    for (const [name, { values }] of Object.entries(plain.state.first)) {
      const quarter = values.map((x) => x / 4)
      close(t, clipped.state.first[name].values, quarter, { relmax: 1e-5, abs: 1e-9 }, name)
      close(t, loose.state.first[name].values, values, { relmax: 1e-6, abs: 1e-9 }, name)
      const squared = plain.state.second[name].values.map((x) => x / 16)
      close(t, clipped.state.second[name].values, squared, { relmax: 1e-5, abs: 1e-12 }, name)
    }
  })

  test(`${runner.name}: validation loss weighs samples and agrees with the prediction`, async (t) => {
    const { state, inputs, network } = toy()
    const {
      learningRate: _,
      biasCorrection1: __,
      biasCorrection2: ___,
      averageDecay: ____,
      ...batch
    } = inputs
    const given = { parameters: state.parameters, ...batch }
    t.deepEqual(specs(given), specs(validationSignature(network, 3)))
    const { loss } = (await runner.run('loss', validationLoss(network), given)) as Record<string, HostTensor>
    const sample = host([3, 2, 2], mix(inputs, 'alpha', 'sigma'))
    const denoised = { parameters: state.parameters, sample, time: inputs.time, condition: inputs.condition }
    t.deepEqual(specs(denoised), specs(denoiseSignature(network, 3)))
    const { prediction } = (await runner.run('denoise', denoise(network), denoised)) as Record<
      string,
      HostTensor
    >
    const target = mix(inputs, 'targetData', 'targetNoise')
    const expected = target.reduce(
      (sum, value, i) =>
        sum + (inputs.weight.values[Math.floor(i / 4)] * (prediction.values[i] - value) ** 2) / 12,
      0,
    )
    close(t, loss.values, [expected], { relmax: 1e-5 }, 'loss')
  })
}

test('the signature names what the step takes and returns', async (t) => {
  const { state, inputs, network } = toy()
  const signature = trainSignature(network, 3)
  t.deepEqual(specs({ state, inputs } as unknown as Tree<HostTensor>), specs(signature))
  const transformer = createNetwork({ type: 'temporal-transformer', horizon: 4, channels: 2, layers: 1 })
  t.true('dropout' in trainSignature(transformer, 2).inputs)
  t.false('condition' in trainSignature(transformer, 2).inputs)
})

test('training fits a small batch', async (t) => {
  const { state, inputs, network } = toy()
  const advance = asFunction(trainStep(network, { weightDecay: 0 }))
  let current = state as unknown as Tree<HostTensor>
  const losses: number[] = []
  for (let k = 0; k < 40; k++) {
    const scalars = { learningRate: 0.01, ...biasCorrections(k + 1, [0.9, 0.999]), averageDecay: 0 }
    const result = (await runners[0].run('fit', advance, {
      state: current,
      inputs: { ...inputs, ...scalarTree(scalars) },
    })) as unknown as Outcome
    current = result.state as unknown as Tree<HostTensor>
    losses.push(result.outputs.loss.values[0])
  }
  t.true(losses[39] < 0.05 * losses[0], `loss from ${losses[0]} to ${losses[39]}`)
  t.deepEqual(current.average, current.parameters)
})

interface Outcome {
  state: Record<'parameters' | 'average' | 'first' | 'second', HostParameters>
  outputs: Record<string, HostTensor>
}

/** A tiny network, its state and a batch of 3 samples. */
function toy() {
  const network = createNetwork({
    type: 'mlp',
    horizon: 2,
    channels: 2,
    condition: 3,
    width: 16,
    blocks: 1,
    timeEmbedding: 4,
  })
  const rng = Rng.seeded(11)
  const parameters = network.init(rng)
  const draw = (...shape: number[]) => host(shape, rng.fillNormal(new Float32Array(sizeOf(shape))))
  const inputs = {
    data: draw(3, 2, 2),
    noise: draw(3, 2, 2),
    condition: draw(3, 3),
    time: host([3], [0, 5, 9]),
    alpha: host([3], [0.9, 0.5, 0.1]),
    sigma: host([3], [0.4, 0.8, 1]),
    targetData: host([3], [0, 0, 0.5]),
    targetNoise: host([3], [1, 1, -0.5]),
    weight: host([3], [1, 2, 0.5]),
    ...scalarTree({ learningRate: 0.1, biasCorrection1: 1, biasCorrection2: 0.5, averageDecay: 0.5 }),
  }
  const state = { parameters, average: parameters, first: zeros(parameters), second: zeros(parameters) }
  return { network, inputs, state }
}

function mix(inputs: Record<string, HostTensor>, data: string, noise: string): Float32Array {
  return Float32Array.from(inputs.data.values, (value, i) => {
    const sample = Math.floor(i / 4)
    return inputs[data].values[sample] * value + inputs[noise].values[sample] * inputs.noise.values[i]
  })
}

function specs(tree: Tree<{ shape: readonly number[] }>): Tree<string> {
  const shapes = mapTree(tree, ({ shape }) => ({ shape: [...shape] }))
  return JSON.parse(JSON.stringify(shapes, (_, value) => sortKeys(value)))
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
