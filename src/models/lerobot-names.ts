import type { HostParameters } from './network.ts'

/** Where LeRobot's `DiffusionPolicy` keeps its U-Net. */
const PREFIX = /^(?:model\.)?(?:diffusion\.)?unet\./

/**
 * Translates the names of LeRobot's diffusion U-Net (`diffusion.unet.…`) to Diffusion Policy's. The networks
 * are the same; LeRobot numbers no `blocks` (`conv1`, `conv2`) and puts no module around a resampling
 * convolution. If any entry has LeRobot's prefix, entries of other parts of the policy (image encoder,
 * normalizers) are left out. Other states are returned as they are.
 */
export function fromLeRobot(state: HostParameters): HostParameters {
  const names = Object.keys(state)
  const prefixed = names.some((name) => PREFIX.test(name))
  const bare = names.some((name) => /\.conv1\.block\.0\.weight$/.test(name))
  if (!prefixed && !bare) return state
  const renamed: Record<string, HostParameters[string]> = {}
  for (const [name, tensor] of Object.entries(state)) {
    if (prefixed && !PREFIX.test(name)) continue
    renamed[translate(name.replace(PREFIX, ''))] = tensor
  }
  return renamed
}

function translate(name: string): string {
  return name
    .replace(/\.conv([12])\.block\./, (_, number) => `.blocks.${Number(number) - 1}.block.`)
    .replace(/^((?:down|up)_modules\.\d+\.2)\.(weight|bias)$/, '$1.conv.$2')
}
