import type { MessageOf } from '../../../viewer/protocol/index.ts'
import type { MetricsLine } from '../../run/metrics.ts'

/** Points of one curve, at most. */
const MOST_POINTS = 600

/** The figures of a run over its steps. Long curves are thinned, so that a message stays small. */
export function curvesMessage(run: number, lines: readonly MetricsLine[]): MessageOf<'curves'> {
  const curves = new Map<string, { steps: number[]; values: number[] }>()
  for (const { step, metrics } of lines) {
    for (const [name, value] of Object.entries(metrics)) {
      const curve = curves.get(name) ?? { steps: [], values: [] }
      curves.set(name, curve)
      curve.steps.push(step)
      curve.values.push(value)
    }
  }
  return {
    type: 'curves',
    run,
    curves: [...curves].map(([name, { steps, values }]) => {
      const kept = thinned(steps.length)
      return {
        name,
        steps: Float32Array.from(kept, (i) => steps[i]),
        values: Float32Array.from(kept, (i) => values[i]),
      }
    }),
  }
}

/** Indices into `length` points: all of them, or every n-th and the last. */
function thinned(length: number): number[] {
  const stride = Math.ceil(length / MOST_POINTS)
  const kept: number[] = []
  for (let i = 0; i < length; i += stride) kept.push(i)
  if (length > 0 && kept[kept.length - 1] !== length - 1) kept.push(length - 1)
  return kept
}
