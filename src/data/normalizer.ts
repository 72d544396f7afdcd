import type { HostTensor } from '../engine/tensor.ts'
import { InputError } from '../errors.ts'
import { type Rows, rows } from '../rows.ts'
import { column, type Dataset } from './dataset.ts'

/** How to fit a normalizer; the defaults are diffusion_policy's. */
export interface FitOptions {
  /** `limits`: the range becomes [outputMin, outputMax]. `gaussian`: mean 0 and standard deviation 1. */
  readonly mode?: 'limits' | 'gaussian'
  /** Coordinates that are scaled each by its own factor; the width of the rows by default, 1 for one factor for all. */
  readonly width?: number
  readonly outputMax?: number
  readonly outputMin?: number
  /** A coordinate whose range (or deviation) is below this is only shifted. */
  readonly rangeEps?: number
  /** False for data that are centred on zero already: they are only scaled. */
  readonly fitOffset?: boolean
}

/** Numbers that describe the data that a normalizer was fitted on, [width] each; `std` is the unbiased one. */
export interface FieldStatistics {
  readonly min: Float32Array
  readonly max: Float32Array
  readonly mean: Float32Array
  readonly std: Float32Array
}

/** One affine map for each coordinate: normalised = value × scale + offset. */
export interface FieldNormalizer {
  /** [width] */
  readonly scale: Float32Array
  /** [width] */
  readonly offset: Float32Array
  readonly statistics: FieldStatistics
}

/** Normalizers by column, such as `observation` and `action`. */
export type Normalizer = Readonly<Record<string, FieldNormalizer>>

/**
 * Fits one column, as diffusion_policy's `SingleFieldLinearNormalizer`.
 *
 * @param data values whose length is a multiple of the width
 * @throws InputError if there are no rows, or they do not fit the width
 */
export function fitField(data: Rows, options: FitOptions = {}): FieldNormalizer {
  const width = options.width ?? data.columns
  if (!(width >= 1 && data.values.length > 0 && data.values.length % width === 0)) {
    throw new InputError(
      `A normalizer of width ${width} cannot be fitted on ${data.rows} rows of ${data.columns}; give at least one row of a multiple of that width.`,
    )
  }
  const statistics = describe(data.values, width)
  const scale = new Float32Array(width)
  const offset = new Float32Array(width)
  for (let d = 0; d < width; d++) {
    const { min, max, mean, std } = statistics
    const fit = options.mode === 'gaussian' ? fitGaussian : fitLimits
    const map = fit({ min: min[d], max: max[d], mean: mean[d], std: std[d] }, options)
    scale[d] = map.scale
    offset[d] = map.offset
  }
  return { scale, offset, statistics }
}

/**
 * Fits a normalizer for every column named.
 *
 * @param modes the columns to normalise and how
 */
export function fitNormalizer(dataset: Dataset, modes: Readonly<Record<string, FitOptions>>): Normalizer {
  return Object.fromEntries(
    Object.entries(modes).map(([name, options]) => [name, fitField(column(dataset, name), options)]),
  )
}

/**
 * Normalises values, row after row.
 *
 * @param values length a multiple of the normalizer's width
 * @param out where to, `values` itself to work in place; a new array by default
 */
export function normalize(
  field: FieldNormalizer,
  values: Float32Array,
  out: Float32Array = new Float32Array(values.length),
): Float32Array {
  const { scale, offset } = field
  checkLengths(scale.length, values, out)
  for (let i = 0, d = 0; i < values.length; i++) {
    out[i] = values[i] * scale[d] + offset[d]
    if (++d === scale.length) d = 0
  }
  return out
}

/** The inverse of {@link normalize}. */
export function unnormalize(
  field: FieldNormalizer,
  values: Float32Array,
  out: Float32Array = new Float32Array(values.length),
): Float32Array {
  const { scale, offset } = field
  checkLengths(scale.length, values, out)
  for (let i = 0, d = 0; i < values.length; i++) {
    out[i] = (values[i] - offset[d]) / scale[d]
    if (++d === scale.length) d = 0
  }
  return out
}

/** A dataset whose columns are normalised where there is a normalizer for them; the others are shared. */
export function normalizeDataset(dataset: Dataset, normalizer: Normalizer): Dataset {
  const normalised = Object.entries(normalizer).map(([name, field]) => {
    const { values, rows: count, columns } = column(dataset, name)
    return [name, rows(normalize(field, values), count, columns)]
  })
  return { ...dataset, columns: { ...dataset.columns, ...Object.fromEntries(normalised) } }
}

/** A normalizer as diffusion_policy's `LinearNormalizer.state_dict()`: `params_dict.<column>.scale`, … */
export function normalizerState(normalizer: Normalizer): Record<string, HostTensor> {
  const state: Record<string, HostTensor> = {}
  for (const [name, { scale, offset, statistics }] of Object.entries(normalizer)) {
    const entries = { offset, scale, ...prefixed('input_stats.', statistics) }
    for (const [entry, values] of Object.entries(entries)) {
      state[`params_dict.${name}.${entry}`] = { shape: [values.length], dtype: 'float32', values }
    }
  }
  return state
}

/**
 * Reads {@link normalizerState}, also that of a diffusion_policy checkpoint with its prefix `normalizer.`.
 *
 * @throws InputError naming the entry that is missing or of the wrong size
 */
export function normalizerFrom(state: Readonly<Record<string, HostTensor>>): Normalizer {
  const pattern = /^(.*params_dict\.)(.+)\.scale$/
  const fields: Record<string, FieldNormalizer> = {}
  for (const key of Object.keys(state)) {
    const match = pattern.exec(key)
    if (!match) continue
    const [, prefix, name] = match
    const width = state[key].values.length
    const entry = (kind: string): Float32Array => {
      const found = state[`${prefix}${name}.${kind}`]
      if (!(found?.values instanceof Float32Array) || found.values.length !== width) {
        throw new InputError(
          `The normalizer's entry "${prefix}${name}.${kind}" is missing or does not have the ${width} float32 numbers of its scale; export the state again.`,
        )
      }
      return found.values
    }
    const stat = (kind: string) => entry(`input_stats.${kind}`)
    fields[name] = {
      scale: entry('scale'),
      offset: entry('offset'),
      statistics: { min: stat('min'), max: stat('max'), mean: stat('mean'), std: stat('std') },
    }
  }
  if (Object.keys(fields).length === 0) {
    throw new InputError('The state holds no normalizer: no entry is named params_dict.<column>.scale.')
  }
  return fields
}

interface Coordinate {
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly std: number
}

function fitLimits({ min, max }: Coordinate, options: FitOptions): { scale: number; offset: number } {
  const { outputMax = 1, outputMin = -1, rangeEps = 1e-4, fitOffset = true } = options
  if (fitOffset) {
    // In float32, so that what counts as a range too small is the same as in the original.
    const range = Math.fround(max - min)
    if (range < Math.fround(rangeEps)) return { scale: 1, offset: (outputMax + outputMin) / 2 - min }
    const scale = (outputMax - outputMin) / range
    return { scale, offset: outputMin - scale * min }
  }
  const target = Math.min(Math.abs(outputMin), Math.abs(outputMax))
  const largest = Math.max(Math.abs(min), Math.abs(max))
  return { scale: largest < Math.fround(rangeEps) ? 1 : target / largest, offset: 0 }
}

function fitGaussian({ mean, std }: Coordinate, options: FitOptions): { scale: number; offset: number } {
  const { rangeEps = 1e-4, fitOffset = true } = options
  const scale = std < Math.fround(rangeEps) ? 1 : 1 / std
  return { scale, offset: fitOffset ? -mean * scale : 0 }
}

/** Statistics of each coordinate, summed in double precision; the deviation of a single row is 0. */
function describe(values: Float32Array, width: number): FieldStatistics {
  const count = values.length / width
  const min = new Float32Array(width).fill(Number.POSITIVE_INFINITY)
  const max = new Float32Array(width).fill(Number.NEGATIVE_INFINITY)
  const mean = new Float64Array(width)
  const squares = new Float64Array(width)
  for (let i = 0; i < values.length; i++) {
    const d = i % width
    min[d] = Math.min(min[d], values[i])
    max[d] = Math.max(max[d], values[i])
    mean[d] += values[i] / count
  }
  for (let i = 0; i < values.length; i++) squares[i % width] += (values[i] - mean[i % width]) ** 2
  const std = Float32Array.from(squares, (sum) => Math.sqrt(sum / Math.max(1, count - 1)))
  return { min, max, mean: Float32Array.from(mean), std }
}

function prefixed(prefix: string, statistics: FieldStatistics): Record<string, Float32Array> {
  const { max, mean, min, std } = statistics
  return { [`${prefix}max`]: max, [`${prefix}mean`]: mean, [`${prefix}min`]: min, [`${prefix}std`]: std }
}

function checkLengths(width: number, values: Float32Array, out: Float32Array): void {
  if (values.length % width !== 0 || out.length !== values.length) {
    throw new InputError(
      `${values.length} values into ${out.length} do not fit a normalizer of width ${width}; give whole rows, and as much room.`,
    )
  }
}
