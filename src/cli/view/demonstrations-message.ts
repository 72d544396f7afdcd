import type { MessageOf } from '../../../viewer/protocol/index.ts'
import type { Dynamics } from '../../env/environment.ts'

/** Points of each path. */
const POINTS = 48

/** A path and the mode that it shows. */
export interface DrawnPath {
  readonly points: readonly (readonly [number, number])[]
  readonly mode: number
}

/** Paths to be drawn faintly, each with the same number of points, equally far apart in time. */
export function demonstrationsMessage(run: number, paths: readonly DrawnPath[]): MessageOf<'demonstrations'> {
  const out = new Float32Array(paths.length * POINTS * 2)
  paths.forEach(({ points }, i) => {
    for (let k = 0; k < POINTS; k++) {
      const at = (k / (POINTS - 1)) * (points.length - 1)
      const [from, part] = [Math.min(points.length - 1, Math.floor(at)), at % 1]
      const to = Math.min(points.length - 1, from + 1)
      for (let c = 0; c < 2; c++) {
        out[(i * POINTS + k) * 2 + c] = points[from][c] + part * (points[to][c] - points[from][c])
      }
    }
  })
  return {
    type: 'demonstrations',
    run,
    paths: out,
    count: paths.length,
    modes: Int16Array.from(paths, ({ mode }) => mode),
  }
}

/** The states that recorded observations resemble. @returns nothing where observations do not tell */
export function statesOf<S>(
  dynamics: Dynamics<S>,
  observations: { readonly values: Float32Array; readonly rows: number; readonly columns: number },
): S[] {
  const { resembling } = dynamics
  if (!resembling) return []
  return Array.from({ length: observations.rows }, (_, i) =>
    resembling(observations.values.subarray(i * observations.columns, (i + 1) * observations.columns)),
  )
}
