import type { Process } from '../diffusion/index.ts'
import { idealData } from '../diffusion/index.ts'
import type { Predictor } from '../models/predictor.ts'
import { type Rows, row, rows, zeroRows } from '../rows.ts'

/** Predicts the clean data behind noisy samples x_t, [B, D] → [B, D], in fresh arrays, for any number of them. */
export type PredictData = (x: Rows, t: number) => Promise<Rows>

/** {@link PredictData} of a network under one condition, [1, C]; its predictions are not clamped. */
export function networkData(predictor: Predictor, condition: Rows, process: Process): PredictData {
  const denoise = predictor.given(repeated(condition, predictor.batch))
  return inBatches(predictor.batch, async (x, t) => {
    const factor = process.inputScale?.(t)
    const seen = factor === undefined ? x : { ...x, values: x.values.map((value) => factor * value) }
    const { values } = await denoise(seen, process.networkTime(t))
    const { prediction, sample } = process.toData(t)
    return { ...x, values: values.map((value, k) => prediction * value + sample * x.values[k]) }
  })
}

/** {@link PredictData} of a denoiser that knows these samples and nothing else. */
export function idealPrediction(samples: Rows, process: Process): PredictData {
  return async (x, t) => idealData(samples, x, process.alpha(t), process.sigma(t))
}

/** Calls `predict` with `batch` rows at a time; the last ones are filled up with the last row. */
export function inBatches(batch: number, predict: PredictData): PredictData {
  return async (x, t) => {
    const out = zeroRows(x.rows, x.columns)
    const part = zeroRows(batch, x.columns)
    for (let first = 0; first < x.rows; first += batch) {
      for (let i = 0; i < batch; i++) row(part, i).set(row(x, Math.min(first + i, x.rows - 1)))
      const { values } = await predict(part, t)
      const count = Math.min(batch, x.rows - first)
      out.values.set(values.subarray(0, count * x.columns), first * x.columns)
    }
    return out
  }
}

/** One row as often as there are rows in a batch. */
export function repeated(one: Rows, count: number): Rows {
  const out = new Float32Array(count * one.columns)
  for (let i = 0; i < count; i++) out.set(one.values, i * one.columns)
  return rows(out, count, one.columns)
}
