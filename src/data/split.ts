import type { Rng } from '../random/rng.ts'

/**
 * Which episodes are held out for validation: `round(episodes × ratio)` of them, at least one, and at least one
 * is left to train on, as diffusion_policy's `get_val_mask`. The episodes are drawn from this project's own
 * streams, so a seed holds out others than NumPy would.
 *
 * @param ratio in [0, 1]; 0 holds out none
 * @returns 1 for each episode held out, [episodes]
 */
export function validationMask(episodes: number, ratio: number, rng: Rng): Uint8Array {
  const mask = new Uint8Array(episodes)
  if (ratio <= 0) return mask
  const count = Math.min(Math.max(1, roundHalfToEven(episodes * ratio)), episodes - 1)
  for (const episode of rng.fork('validation').permutation(episodes).subarray(0, count)) mask[episode] = 1
  return mask
}

/**
 * Keeps at most `limit` episodes of a mask, chosen at random, as diffusion_policy's `downsample_mask`.
 *
 * @param mask 1 for each episode to choose from
 * @returns a mask with at most `limit` ones, [episodes]
 */
export function downsampleMask(mask: ArrayLike<number | boolean>, limit: number, rng: Rng): Uint8Array {
  const out = Uint8Array.from(mask as ArrayLike<number>, (value) => (value ? 1 : 0))
  const kept = Int32Array.from([...out.keys()].filter((episode) => out[episode]))
  if (kept.length <= limit) return out
  rng.fork('downsample').shuffle(kept)
  for (const episode of kept.subarray(Math.max(0, limit))) out[episode] = 0
  return out
}

/** The episodes that are not in a mask. */
export function invertMask(mask: Uint8Array): Uint8Array {
  return mask.map((value) => 1 - value)
}

/** Python's `round`, so that the number of episodes held out is diffusion_policy's. */
function roundHalfToEven(value: number): number {
  const down = Math.floor(value)
  if (value - down !== 0.5) return Math.round(value)
  return down % 2 === 0 ? down : down + 1
}
