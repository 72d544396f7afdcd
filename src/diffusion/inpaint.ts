import { InputError } from '../errors.ts'
import type { Rows } from '../rows.ts'
import { zeroRows } from '../rows.ts'
import type { Process } from './process.ts'
import type { DrawNoise } from './random-rows.ts'
import type { Project } from './samplers/sampler.ts'

/** What {@link inpaint} holds in place. */
export interface InpaintOptions {
  /** Non-zero where a coordinate is known: [D] for all rows alike, or [B · D]. */
  readonly mask: Uint8Array
  /** The known data; values elsewhere are not looked at. [B, D], or one row for all, [1, D]. */
  readonly values: Rows
  /** Needed with `noise`. */
  readonly process?: Process
  /**
   * Absent: the known coordinates are their clean values all the way, as Diffuser trains and samples (Janner
   * et al. 2022, arXiv 2205.09991). A matrix [B, D]: they follow the path from this noise to their values;
   * for deterministic samplers. A function: they are noised afresh to the present level after every step, as
   * RePaint does (Lugmayr et al. 2022, arXiv 2201.09865); for a network that never saw clean coordinates
   * among noisy ones.
   */
  readonly noise?: Rows | DrawNoise
}

/**
 * A projection that holds known coordinates, such as a plan's start and goal. After the last step they have
 * their values exactly.
 *
 * @throws InputError for shapes that do not fit (at once, or at the first projection), or noise without a process
 */
export function inpaint({ mask, values, process, noise }: InpaintOptions): Project {
  const { columns } = values
  if (mask.length !== columns && mask.length !== values.values.length) {
    throw new InputError(
      `The inpainting mask has ${mask.length} entries for ${values.rows} rows of ${columns} values; give one for each column or one for each value.`,
    )
  }
  if (noise !== undefined && process === undefined) {
    throw new InputError(
      'Inpainting with "noise" needs the "process" whose noise levels it follows; give both.',
    )
  }
  for (let i = 0; i < values.values.length; i++) {
    if (mask[i % mask.length] !== 0 && !Number.isFinite(values.values[i])) {
      throw new InputError(
        `The inpainting value ${values.values[i]} at element ${i} is not finite; give a number.`,
      )
    }
  }
  const drawn = typeof noise === 'function' ? noise : undefined
  let fresh = typeof noise === 'object' ? noise : undefined
  return (x, time, step) => {
    if (x.columns !== columns || (values.rows !== 1 && values.rows !== x.rows)) {
      throw new InputError(
        `Inpainting values of ${values.rows} rows of ${columns} do not fit samples of ${x.rows} rows of ${x.columns}; give one row, or one for each sample.`,
      )
    }
    if (drawn) {
      fresh ??= zeroRows(x.rows, columns)
      if (time !== process?.end) drawn(fresh, step)
    }
    if (fresh && fresh.values.length !== x.values.length) {
      throw new InputError(
        `Inpainting noise of ${fresh.rows} rows of ${fresh.columns} does not fit samples of ${x.rows} rows of ${x.columns}; give the same shape.`,
      )
    }
    const clean = process === undefined || fresh === undefined || time === process.end
    const alpha = clean ? 1 : process.alpha(time)
    const sigma = clean ? 0 : process.sigma(time)
    for (let i = 0; i < x.values.length; i++) {
      if (mask[i % mask.length] === 0) continue
      const known = values.values[i % values.values.length]
      x.values[i] = fresh && !clean ? alpha * known + sigma * fresh.values[i] : known
    }
  }
}
