import { lookUp } from '../errors.ts'
import { type ImageUnetConfig, imageUnet } from './image-unet.ts'
import { type MlpConfig, mlp } from './mlp.ts'
import type { Network } from './network.ts'
import { type TemporalTransformerConfig, temporalTransformer } from './temporal-transformer.ts'
import { type TemporalUnetConfig, temporalUnet } from './temporal-unet.ts'

/** The configuration of any network here, told apart by `type`. */
export type NetworkConfig =
  | ({ readonly type: 'temporal-unet' } & TemporalUnetConfig)
  | ({ readonly type: 'temporal-transformer' } & TemporalTransformerConfig)
  | ({ readonly type: 'mlp' } & MlpConfig)
  | ({ readonly type: 'image-unet' } & ImageUnetConfig)

/** Every network, by the `type` of its configuration. */
export const networks = {
  'temporal-unet': temporalUnet,
  'temporal-transformer': temporalTransformer,
  mlp,
  'image-unet': imageUnet,
} as const

/** Makes the network that a configuration describes. @throws InputError for an unknown type or a wrong size */
export function createNetwork(config: NetworkConfig): Network {
  const registry: Record<string, (config: never) => Network> = networks
  const { type, ...rest } = config
  return lookUp('network', registry, type)(rest as never)
}
