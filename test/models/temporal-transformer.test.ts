import test from 'ava'
import { InputError } from '../../src/errors.ts'
import { temporalTransformer } from '../../src/models/temporal-transformer.ts'
import { Rng } from '../../src/random/rng.ts'
import { host, readCase, readTensors } from './fixture.ts'
import { checkParity, predict } from './parity.ts'
import { runners } from './runners.ts'

const TOPIC = 'transformer_diffusion'

interface PeerConfig {
  input_dim: number
  horizon: number
  n_obs_steps: number
  n_layer: number
  n_head: number
  n_emb: number
  cond_dim: number
  causal_attn: boolean
  time_as_cond: boolean
  n_cond_layers: number
}

async function load(name: string) {
  const fixture = await readCase(TOPIC, name)
  const peer = fixture.config as unknown as PeerConfig
  const observationSteps = peer.cond_dim > 0 ? peer.n_obs_steps : 1
  const network = temporalTransformer({
    horizon: peer.horizon,
    channels: peer.input_dim,
    condition: peer.cond_dim * observationSteps,
    observationSteps,
    layers: peer.n_layer,
    heads: peer.n_head,
    width: peer.n_emb,
    conditionLayers: peer.n_cond_layers,
    causal: peer.causal_attn,
    timeAsCondition: peer.time_as_cond,
    layerDropout: 0,
  })
  return { fixture, network, state: await readTensors(TOPIC, fixture.state_file) }
}

for (const runner of runners) {
  for (const name of ['bert_time_token', 'causal_encoder_cond', 'causal_mlp_cond']) {
    test(`${runner.name}: outputs, loss and gradients match the peer: ${name}`, async (t) => {
      const { fixture, network, state } = await load(name)
      const tensors = await readTensors(TOPIC, fixture.tensor_file)
      const inputs: Record<string, string> = {
        sample: 'sample',
        time: 'timestep',
        ...(network.condition > 0 && { condition: 'cond' }),
      }
      await checkParity(t, runner, network, { fixture, state, tensors, inputs })
    })
  }
}

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
  const [runner] = runners
  const plain = await predict(runner, network, parameters, inputs)
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
    t.notDeepEqual(await predict(runner, network, parameters, masks), plain, changed)
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
