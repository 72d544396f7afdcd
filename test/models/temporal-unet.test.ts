import test from 'ava'
import { InputError } from '../../src/errors.ts'
import { temporalUnet } from '../../src/models/temporal-unet.ts'
import { Rng } from '../../src/random/rng.ts'
import { host } from './fixture.ts'
import { predict } from './parity.ts'
import { onnx } from './runners.ts'
import { load, testParity } from './temporal-unet-parity.ts'

testParity(onnx)

test('a state dict survives the way in and out', async (t) => {
  const { network, state } = await load('local_cond')
  const back = network.toStateDict(network.fromStateDict(state))
  t.deepEqual(Object.keys(back).sort(), Object.keys(state).sort())
  for (const [name, tensor] of Object.entries(state)) t.deepEqual(back[name], tensor, name)
})

test('missing, unknown and misshapen entries are named', async (t) => {
  const { network, state } = await load('film_bias')
  const { 'final_conv.1.bias': taken, ...rest } = state
  const broken = { ...rest, extra: taken, 'final_conv.1.weight': taken }
  const error = t.throws(() => network.fromStateDict(broken), { instanceOf: InputError })
  t.regex(error.message, /"final_conv\.1\.bias" is missing/)
  t.regex(error.message, /"extra" is unknown/)
  t.regex(error.message, /"final_conv\.1\.weight" is \[2\] where \[2,16,1\] belongs/)
})

test("LeRobot's names are understood", async (t) => {
  const { network, state } = await load('film_bias')
  const renamed: typeof state = { 'normalize_inputs.mean': host([1], [0]) }
  for (const [name, tensor] of Object.entries(state)) {
    const lerobot = name
      .replace('.blocks.0.', '.conv1.')
      .replace('.blocks.1.', '.conv2.')
      .replace('.2.conv.', '.2.')
    renamed[`diffusion.unet.${lerobot}`] = tensor
  }
  t.deepEqual(network.fromStateDict(renamed), network.fromStateDict(state))
})

test("the network of Diffusion Policy's whole policy is found", async (t) => {
  const { network, state } = await load('film_bias')
  const policy: typeof state = {
    _dummy_variable: host([0], []),
    'mask_generator._dummy_variable': host([0], []),
    'normalizer.params_dict.action.scale': host([2], [1, 1]),
  }
  for (const [name, tensor] of Object.entries(state)) policy[`model.${name}`] = tensor
  t.deepEqual(network.fromStateDict(policy), network.fromStateDict(state))
})

test("fresh parameters follow PyTorch's bounds and depend on the seed only", (t) => {
  const network = temporalUnet({ horizon: 8, channels: 2, condition: 4, widths: [16, 32] })
  const parameters = network.init(Rng.seeded(3))
  t.deepEqual(network.init(Rng.seeded(3)), parameters)
  t.notDeepEqual(network.init(Rng.seeded(4)), parameters)
  const largest = (name: string) => Math.max(...parameters[name].values.map(Math.abs))
  for (const [name, fanIn] of [
    ['down_modules.1.0.blocks.0.block.0.weight', 16 * 5],
    ['down_modules.1.0.blocks.0.block.0.bias', 16 * 5],
    ['up_modules.0.2.conv.weight', 16 * 4],
    ['mid_modules.0.cond_encoder.1.weight', 256 + 4],
  ] as const) {
    const bound = 1 / Math.sqrt(fanIn)
    t.true(largest(name) <= bound && largest(name) > 0.9 * bound - 0.01, name)
  }
  t.true(parameters['mid_modules.0.blocks.0.block.1.weight'].values.every((x) => x === 1))
  t.true(parameters['mid_modules.0.blocks.0.block.1.bias'].values.every((x) => x === 0))
  for (const [name, { shape }] of Object.entries(network.parameters)) {
    t.deepEqual(parameters[name].shape, shape, name)
  }
})

test('an unconditional network runs', async (t) => {
  const network = temporalUnet({ horizon: 4, channels: 1, widths: [8, 16], timeEmbedding: 4, groups: 4 })
  const inputs = { sample: host([2, 4, 1], [1, 2, 3, 4, 5, 6, 7, 8]), time: host([2], [3, 4]) }
  const output = await predict(onnx, network, network.init(Rng.seeded(1)), inputs)
  t.is(output.length, 8)
  t.true(output.every(Number.isFinite))
})

test('a wrong size is named by its key', (t) => {
  const good = { horizon: 16, channels: 2, condition: 4, widths: [16, 32, 64] }
  const wrong: [Partial<Record<string, unknown>>, RegExp][] = [
    [{ horizon: 6 }, /"horizon" is 6, which is not a multiple of 4/],
    [{ channels: 0 }, /"channels" is 0/],
    [{ condition: -1 }, /"condition" is -1/],
    [{ widths: [16] }, /"widths" has 1 entries/],
    [{ widths: [16, 20] }, /"widths\[1\]" is 20/],
    [{ kernel: 4 }, /"kernel" is 4; give an odd number/],
    [{ timeEmbedding: 5 }, /"timeEmbedding" is 5/],
    [{ groups: 4, widths: [12, 16] }, /"widths\[0\]" is 12, which is not a multiple of 8/],
  ]
  for (const [change, message] of wrong) {
    t.throws(() => temporalUnet({ ...good, ...change }), { instanceOf: InputError, message })
  }
})
