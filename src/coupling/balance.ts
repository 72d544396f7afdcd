import type { Rows } from '../rows.ts'
import { columnStatistics } from './statistics.ts'

/** Keeps count, over cells that are assigned one after another, of what their noise tells of where samples lie in them. */
export interface Balance {
  /**
   * What noise is to be assigned to, so that this cell makes up for those before it.
   *
   * @param samples of the cell, [m, D]
   * @param places of the samples, [m, C]
   */
  shifted(samples: Rows, places: Rows): Rows
  /** Counts the noise `noise[columnOfRow[i]]` of each sample i. */
  count(noise: Rows, columnOfRow: Int32Array, places: Rows): void
}

const NONE: Balance = { shifted: (samples) => samples, count: () => {} }

/**
 * Where samples of a cell follow their places z, so does the noise n that is assigned to them, and over many cells
 * the sum S of n·zᵀ grows. Samples of the next cell are therefore moved by −strength · S·z / (m·Var z), in deviations
 * of each column: by as much as the cells before told too much, the next one tells too little. It is an integral
 * controller: S stays near m/strength times the slope of the samples, however many cells there are, so that what a
 * linear probe reads of the places shrinks with the square of their number. The noise itself is permuted, as before.
 *
 * @param strength 0 for none; about a fifth settles within some ten cells, and more lets chance alone move samples
 * @param columns D
 * @param width C
 */
export function createBalance(strength: number, columns: number, width: number): Balance {
  if (strength === 0) return NONE
  /** S, [C, D], and the sum of z² of each coordinate. */
  const told = new Float64Array(width * columns)
  const spread = new Float64Array(width)
  let seen = 0
  return {
    shifted(samples, places) {
      if (seen === 0) return samples
      const { deviation } = columnStatistics(samples)
      const { mean } = columnStatistics(places)
      const out = Float32Array.from(samples.values)
      for (let c = 0; c < width; c++) {
        if (spread[c] === 0) continue
        const factor = (-strength * seen) / (samples.rows * spread[c])
        for (let i = 0; i < samples.rows; i++) {
          const shift = factor * (places.values[i * width + c] - mean[c])
          for (let k = 0, at = i * columns, from = c * columns; k < columns; k++, at++, from++) {
            out[at] += shift * told[from] * deviation[k]
          }
        }
      }
      return { ...samples, values: out }
    },
    count({ values }, columnOfRow, places) {
      const { mean } = columnStatistics(places)
      for (let i = 0; i < columnOfRow.length; i++) {
        for (let c = 0; c < width; c++) {
          const z = places.values[i * width + c] - mean[c]
          spread[c] += z * z
          for (let k = 0, at = columnOfRow[i] * columns, to = c * columns; k < columns; k++, at++, to++) {
            told[to] += z * values[at]
          }
        }
      }
      seen += columnOfRow.length
    },
  }
}
