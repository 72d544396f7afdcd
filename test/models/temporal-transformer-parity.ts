import test from 'ava'
import { temporalTransformer } from '../../src/models/temporal-transformer.ts'
import { readCase, readTensors } from './fixture.ts'
import { checkParity } from './parity.ts'
import type { Runner } from './runners.ts'

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

/** A case of Diffusion Policy's. */
export async function load(name: string) {
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

/** Declares the tests of an engine. */
export function testParity(runner: Runner): void {
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
