import { InputError } from '../errors.ts'
import type { Rng } from '../random/rng.ts'

/** The endless stream of training samples: epoch after epoch, each a fresh random order of all of them. */
export interface Order {
  /** Samples in an epoch. */
  readonly samples: number
  /**
   * Sample indices at places `from` … `from + count − 1` of the stream. Any place can be asked for at any time:
   * training resumes at step s by asking from s × batch size on, and pools of many batches are drawn ahead
   * without changing what later steps see.
   *
   * @throws InputError unless both are whole numbers ≥ 0
   */
  indices(from: number, count: number): Int32Array
}

/**
 * Shuffles samples anew in every epoch. The order of epoch e depends on the stream's key and e alone; no sample
 * is dropped or seen twice in an epoch, and a batch that reaches the end of one epoch goes on with the next.
 *
 * @param samples number of samples, ≥ 1
 * @param rng its `fork('order', e)` shuffles epoch e
 */
export function shuffled(samples: number, rng: Rng): Order {
  if (!(Number.isSafeInteger(samples) && samples >= 1)) {
    throw new InputError(`Cannot shuffle ${samples} samples; give at least one.`)
  }
  let epoch = -1
  let order: Int32Array = new Int32Array()
  return {
    samples,
    indices(from, count) {
      if (!(Number.isSafeInteger(from) && from >= 0 && Number.isSafeInteger(count) && count >= 0)) {
        throw new InputError(`There are no ${count} samples from place ${from} on; give whole numbers ≥ 0.`)
      }
      const out = new Int32Array(count)
      for (let filled = 0; filled < count; ) {
        const place = from + filled
        const wanted = Math.floor(place / samples)
        if (wanted !== epoch) {
          order = rng.fork('order', wanted).permutation(samples)
          epoch = wanted
        }
        const within = place - wanted * samples
        const part = order.subarray(within, Math.min(samples, within + count - filled))
        out.set(part, filled)
        filled += part.length
      }
      return out
    },
  }
}
