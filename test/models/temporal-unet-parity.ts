import test from 'ava'
import { temporalUnet } from '../../src/models/temporal-unet.ts'
import { type FixtureCase, readCase, readTensors } from './fixture.ts'
import { checkParity } from './parity.ts'
import type { Runner } from './runners.ts'

const TOPIC = 'conditional_unet1d'

interface PeerConfig {
  input_dim: number
  global_cond_dim: number
  local_cond_dim: number | null
  diffusion_step_embed_dim: number
  down_dims: number[]
  kernel_size: number
  n_groups: number
  cond_predict_scale: boolean
}

/** A case of Diffusion Policy's. */
export async function load(name: string) {
  const fixture = await readCase(TOPIC, name)
  const peer = fixture.config as unknown as PeerConfig
  const network = temporalUnet({
    horizon: 16,
    channels: peer.input_dim,
    condition: peer.global_cond_dim,
    localCondition: peer.local_cond_dim ?? 0,
    widths: peer.down_dims,
    kernel: peer.kernel_size,
    groups: peer.n_groups,
    timeEmbedding: peer.diffusion_step_embed_dim,
    scale: peer.cond_predict_scale,
  })
  const state = await readTensors(TOPIC, fixture.state_file)
  return { fixture: fixture as FixtureCase, network, state }
}

/** Declares the tests of an engine. */
export function testParity(runner: Runner): void {
  for (const name of ['film_bias', 'film_scale', 'local_cond']) {
    test(`${runner.name}: outputs, loss and gradients match the peer: ${name}`, async (t) => {
      const { fixture, network, state } = await load(name)
      const tensors = await readTensors(TOPIC, fixture.tensor_file)
      const inputs: Record<string, string> = {
        sample: 'sample',
        time: 'timestep',
        condition: 'global_cond',
        ...(network.localCondition > 0 && { localCondition: 'local_cond' }),
      }
      await checkParity(t, runner, network, { fixture, state, tensors, inputs })
    })
  }
}
