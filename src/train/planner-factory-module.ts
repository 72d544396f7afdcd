import { extname } from 'node:path'

/** URL of the module from which rollout workers make diffusion planners, as source or as built. */
export function plannerFactoryModule(): string {
  return new URL(`../policy/planner-factory${extname(import.meta.url)}`, import.meta.url).href
}
