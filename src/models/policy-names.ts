import type { HostParameters } from './network.ts'

/** Where policies keep their network: LeRobot's `DiffusionPolicy`, also compiled by PyTorch, and Diffusion Policy's. */
const PREFIXES = [/^(?:model\.)?(?:diffusion\.)?unet\.(?:_orig_mod\.)?/, /^model\./]

/**
 * The network's part of a policy's `state_dict`, under the names that it has in Diffusion Policy. Whatever else a
 * policy keeps (image encoder, normalizers) is left out. LeRobot's U-Net (`diffusion.unet.…`) is the same network;
 * it numbers no `blocks` (`conv1`, `conv2`) and puts no module around a resampling convolution. Other states are
 * returned as they are.
 */
export function fromPolicy(state: HostParameters): HostParameters {
  const names = Object.keys(state)
  const prefix = PREFIXES.find((each) => names.some((name) => each.test(name)))
  const lerobot = names.some((name) => /\.conv1\.block\.0\.weight$/.test(name))
  if (!prefix && !lerobot) return state
  return Object.fromEntries(
    Object.entries(state).flatMap(([name, tensor]) => {
      if (prefix && !prefix.test(name)) return []
      const bare = prefix ? name.replace(prefix, '') : name
      return [[lerobot ? translate(bare) : bare, tensor]]
    }),
  )
}

function translate(name: string): string {
  return name
    .replace(/\.conv([12])\.block\./, (_, number) => `.blocks.${Number(number) - 1}.block.`)
    .replace(/^((?:down|up)_modules\.\d+\.2)\.(weight|bias)$/, '$1.conv.$2')
}
