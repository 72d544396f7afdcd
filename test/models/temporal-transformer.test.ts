import test from 'ava'
import { InputError } from '../../src/errors.ts'
import { temporalTransformer } from '../../src/models/temporal-transformer.ts'
import { Rng } from '../../src/random/rng.ts'
import { host } from './fixture.ts'
import { predict } from './parity.ts'
import { eager, onnx } from './runners.ts'
import { load, testParity } from './temporal-transformer-parity.ts'

testParity(onnx)

test('a state dict survives the way in and out, masks included', async (t) => {
  for (const name of ['bert_time_token', 'causal_encoder_cond', 'causal_mlp_cond']) {
    const { network, state } = await load(name)
    const back = network.toStateDict(network.fromStateDict(state))
    t.deepEqual(Object.keys(back).sort(), Object.keys(state).sort())
    for (const [key, tensor] of Object.entries(state)) t.deepEqual(back[key], tensor, key)
  }
})

test('a mask other than the configured one is refused', async (t) => {
  const { network, state } = await load('causal_mlp_cond')
  const { shape, values } = state.mask
  const other = { ...state, mask: host([...shape], new Float32Array(values.length)) }
  t.throws(() => network.fromStateDict(other), {
    instanceOf: InputError,
    message: /"mask" holds other values/,
  })
})

test('decay spares norms, biases and positions', async (t) => {
  const { network } = await load('causal_encoder_cond')
  const decayed = Object.keys(network.parameters).filter((name) => network.decays(name))
  t.true(decayed.includes('head.weight') && decayed.includes('decoder.layers.0.linear1.weight'))
  t.false(decayed.some((name) => /bias|norm|ln_f|pos_emb/.test(name)))
})

test('dropout changes the training output only where a uniform number falls below its rate', async (t) => {
  const network = temporalTransformer({
    horizon: 4,
    channels: 1,
    condition: 4,
    observationSteps: 2,
    layers: 1,
    heads: 2,
    width: 8,
    conditionLayers: 1,
    tokenDropout: 0.2,
    layerDropout: 0.3,
  })
  const parameters = network.init(Rng.seeded(5))
  const inputs = {
    sample: host([2, 4, 1], [1, 2, 3, 4, 5, 6, 7, 8]),
    time: host([2], [3, 4]),
    condition: host([2, 4], [1, 0, 0, 1, 0, 1, 1, 0]),
  }
  const specs = network.dropout(2)
  t.is(Object.keys(specs).length, 12)
  const plain = await predict(eager, network, parameters, inputs)
  for (const changed of Object.keys(specs)) {
    const dropout = Object.fromEntries(
      Object.entries(specs).map(([name, { shape }]) => {
        const size = shape.reduce((a, b) => a * b, 1)
        const uniform = new Float32Array(size).fill(0.9)
        if (name === changed) uniform[0] = 0.1
        return [name, host([...shape], uniform)]
      }),
    )
    const masks = { ...inputs, dropout } as unknown as typeof inputs
    t.notDeepEqual(await predict(eager, network, parameters, masks), plain, changed)
  }
  t.is(Object.keys(temporalTransformer({ horizon: 4, channels: 1, layerDropout: 0 }).dropout(2)).length, 0)
})

test('a wrong size is named by its key', (t) => {
  const good = { horizon: 16, channels: 2, condition: 4 }
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ heads: 3 }, /"width" is 256, which is not a multiple of 3/],
    [{ observationSteps: 3 }, /"condition" is 4, which is not a multiple of 3/],
    [{ layerDropout: 1 }, /"layerDropout" is 1/],
    [{ timeAsCondition: false }, /"timeAsCondition" is false but there is a condition/],
    [{ layers: 0.5 }, /"layers" is 0\.5/],
  ]
  for (const [change, message] of wrong) {
    t.throws(() => temporalTransformer({ ...good, ...change }), { instanceOf: InputError, message })
  }
})
