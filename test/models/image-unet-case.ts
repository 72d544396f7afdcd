import type { HostTensor } from '../../src/engine/tensor.ts'
import { imageUnet } from '../../src/models/image-unet.ts'
import { permute } from '../../src/models/state-dict.ts'
import { type FixtureCase, host, readCase, readTensors } from './fixture.ts'
import type { ParityCase } from './parity.ts'

const TOPIC = 'torchcfm'

/** The peer's cases. */
export const CASES = ['unet_a_uncond', 'unet_a_classcond', 'unet_b_uncond', 'unet_b_classcond'] as const

interface PeerConfig {
  dim: [number, number, number]
  num_channels: number
  num_res_blocks: number
  channel_mult: number[]
  num_classes: number | null
  class_cond: boolean
  attention_resolutions: string
  num_head_channels?: number
}

/** A case of the peer, with images as the network here has them. */
export async function load(name: string) {
  const fixture = await readCase<FixtureCase>(TOPIC, name)
  const peer = fixture.config as unknown as PeerConfig
  const [colors, height, width] = peer.dim
  const network = imageUnet({
    height,
    width,
    colors,
    classes: peer.class_cond ? peer.num_classes! : 0,
    base: peer.num_channels,
    multiples: peer.channel_mult,
    blocks: peer.num_res_blocks,
    attention: peer.attention_resolutions.split(',').map(Number),
    headWidth: peer.num_head_channels,
  })
  const given = await readTensors(TOPIC, fixture.tensor_file)
  const tensors = Object.fromEntries(Object.entries(given).map(([key, tensor]) => [key, pixelsFirst(tensor)]))
  const shared = await readTensors(TOPIC, fixture.state_file)
  const state: Record<string, HostTensor> = { ...shared }
  if (!peer.class_cond) delete state['label_emb.weight']
  for (const [key, tensor] of Object.entries(given)) {
    if (key.startsWith('param.')) state[key.slice('param.'.length)] = tensor
  }
  if (peer.class_cond) tensors['in.y'] = oneHot(given['in.y'], peer.num_classes!)
  const inputs = { sample: 'x', time: 't', ...(peer.class_cond && { condition: 'y' }) }
  const parity: ParityCase = { fixture, state, tensors, inputs }
  return { network, parity }
}

/** Images [B, C, H, W] → [B, H·W, C]; anything else as it is. */
function pixelsFirst(tensor: HostTensor): HostTensor {
  const { shape, values } = tensor
  if (shape.length !== 4 || shape[2] < 16) return tensor
  const [batch, colors, height, width] = shape
  return host([batch, height * width, colors], permute(values as Float32Array, shape, [0, 2, 3, 1]))
}

function oneHot({ values }: HostTensor, classes: number): HostTensor {
  const hot = new Float32Array(values.length * classes)
  for (let i = 0; i < values.length; i++) hot[i * classes + Number(values[i])] = 1
  return host([values.length, classes], hot)
}
