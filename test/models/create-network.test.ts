import test from 'ava'
import { InputError } from '../../src/errors.ts'
import { createNetwork, type NetworkConfig } from '../../src/models/index.ts'
import { permute } from '../../src/models/state-dict.ts'
import { Rng } from '../../src/random/rng.ts'
import { host } from './fixture.ts'
import { predict } from './parity.ts'
import { runners } from './runners.ts'

const shape = { horizon: 4, channels: 2, condition: 3 } as const
const configs: NetworkConfig[] = [
  { type: 'temporal-unet', ...shape, widths: [8, 16], timeEmbedding: 8 },
  { type: 'temporal-transformer', ...shape, layers: 1, heads: 2, width: 8 },
  { type: 'mlp', ...shape, width: 16, blocks: 2 },
  { type: 'mlp', ...shape, width: 16, blocks: 1, octaves: 2 },
]

for (const config of configs) {
  test(`${JSON.stringify(config)}: fresh weights predict, differ with the condition, and survive a state dict`, async (t) => {
    const network = createNetwork(config)
    t.like(network, shape)
    const parameters = network.init(Rng.seeded(1))
    t.deepEqual(network.fromStateDict(network.toStateDict(parameters)), parameters)
    const inputs = {
      sample: host(
        [2, 4, 2],
        Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)),
      ),
      time: host([2], [1, 60]),
      condition: host([2, 3], [0, 1, 2, 3, 4, 5]),
    }
    for (const runner of runners) {
      const output = await predict(runner, network, parameters, inputs)
      t.is(output.length, 16)
      t.true(output.every(Number.isFinite))
      for (const [name, tensor] of Object.entries(inputs)) {
        const moved = {
          ...inputs,
          [name]: host(
            [...tensor.shape],
            [...tensor.values].map((x) => x + 1),
          ),
        }
        t.notDeepEqual(await predict(runner, network, parameters, moved), output, name)
      }
    }
  })
}

test('an unknown network is named with the nearest one', (t) => {
  t.throws(() => createNetwork({ type: 'temporal-unett' } as never), {
    instanceOf: InputError,
    message: /did you mean "temporal-unet"/,
  })
  t.throws(() => createNetwork({ type: 'mlp', ...shape, width: 0 }), {
    instanceOf: InputError,
    message: /"width" is 0/,
  })
})

test('axes are reordered as numpy does', (t) => {
  const values = Float32Array.from({ length: 24 }, (_, i) => i)
  const moved = permute(values, [2, 3, 4], [2, 0, 1])
  for (let a = 0; a < 2; a++) {
    for (let b = 0; b < 3; b++) {
      for (let c = 0; c < 4; c++) t.is(moved[(c * 2 + a) * 3 + b], values[(a * 3 + b) * 4 + c])
    }
  }
})
