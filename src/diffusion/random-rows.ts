import { InputError } from '../errors.ts'
import type { Rng } from '../random/rng.ts'
import { type Rows, row, zeroRows } from '../rows.ts'

/** Fills `out` with standard normal noise for one step of a sampler. */
export type DrawNoise = (out: Rows, step: number) => void

/** Where a sampler's random numbers come from; give one of the three. */
export interface NoiseSource {
  /** One stream for each row: a row's noise then depends on its own stream only, whatever else is in the batch. */
  readonly streams?: readonly Rng[]
  /** One stream for all rows, drawn row by row. */
  readonly rng?: Rng
  /** Noise made elsewhere. */
  readonly draw?: DrawNoise
}

/** A function that draws noise from the source. @throws InputError unless exactly one of the three is given, or when drawing if the number of streams is not the number of rows */
export function noiseFrom({ streams, rng, draw }: NoiseSource): DrawNoise {
  if (Number(streams !== undefined) + Number(rng !== undefined) + Number(draw !== undefined) !== 1) {
    throw new InputError('Random noise needs exactly one source: give "streams", "rng" or "draw".')
  }
  if (draw) return draw
  if (rng) return (out) => rng.fillNormal(out.values)
  return (out) => {
    if (streams?.length !== out.rows) {
      throw new InputError(
        `There are ${streams?.length} streams of random numbers for ${out.rows} rows; give one stream for each row.`,
      )
    }
    for (let i = 0; i < out.rows; i++) streams[i].fillNormal(row(out, i))
  }
}

/** Standard normal rows for a sampler to start from, [B, columns], row i from stream i. */
export function initialNoise(streams: readonly Rng[], columns: number): Rows {
  const out = zeroRows(streams.length, columns)
  noiseFrom({ streams })(out, 0)
  return out
}
