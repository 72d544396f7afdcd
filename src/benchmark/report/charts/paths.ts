import { isDeepStrictEqual } from 'node:util'
import * as Plot from '@observablehq/plot'
import type { Environment, Scene } from '../../../env/environment.ts'
import { sceneMarks } from '../../../evaluate/scene-marks.ts'
import type { JobRecord } from '../../record.ts'
import type { Entry } from './legend.ts'
import { modeStyles, NO_MODE } from './mode-style.ts'
import { drawn, grid, NARROW } from './panel.ts'

type KeptPaths = NonNullable<JobRecord['paths']>[string]
type Dynamics = Environment['dynamics']

/** Modes that a legend can name; more are numbered. */
const NAMED = 4

/** Paths of rolled-out episodes over the scene, in the styles of their modes under a legend; undefined without panels. */
export function pathsFigure(
  panels: readonly { readonly title: string; readonly paths: KeptPaths }[],
  { dynamics }: Pick<Environment, 'dynamics'>,
): string | undefined {
  if (panels.length === 0) return undefined
  const scene = fixedScene(dynamics)
  const { low, high } = scene.bounds
  const styles = modeStyles(Math.max(1, dynamics.modes?.names.length ?? 1))
  const { width, columns } = NARROW
  const height = Math.round(((width - 8) * (high[1] - low[1])) / (high[0] - low[0])) + 36
  const made = panels.map(({ title, paths }) =>
    drawn(
      title,
      {
        marginLeft: 4,
        marginRight: 4,
        marginBottom: 6,
        x: { axis: null, domain: [low[0], high[0]] },
        y: { axis: null, domain: [low[1], high[1]] },
        marks: [
          Plot.frame({ stroke: '#c9ced6', fill: '#fbfcfd' }),
          ...sceneMarks(scene),
          ...paths
            .map((path) => ({ path, mode: styleIndex(dynamics, path) }))
            .sort((a, b) => a.mode - b.mode)
            .map(({ path: { points }, mode }) => {
              const { color, width: strokeWidth, dash } = styles[mode] ?? NO_MODE
              return Plot.line(
                Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i], points[2 * i + 1]]),
                { stroke: color, strokeWidth, strokeOpacity: 0.8, strokeDasharray: dash, clip: true },
              )
            }),
        ],
      },
      height,
      width,
    ),
  )
  return grid(made, entries(dynamics), height, width, columns)
}

/** Which style a path has, −1 for {@link NO_MODE}. */
function styleIndex({ modes }: Dynamics, { success, mode }: KeptPaths[number]): number {
  if (!modes) return success ? 0 : -1
  return success || modes.counted === 'all' ? mode : -1
}

function entries({ modes }: Dynamics): Entry[] {
  const names = modes?.names ?? ['success']
  const styles = modeStyles(names.length)
  const others = modes?.counted === 'all' ? 'no mode' : 'failure'
  return [
    ...names.map((name, i) => ({ label: names.length <= NAMED ? name : `${i + 1}`, ...styles[i] })),
    { label: others, ...NO_MODE },
  ]
}

/** What stands at the same place in every episode. */
function fixedScene(dynamics: Dynamics): Scene {
  const [scene, other] = [0, 1].map((seed) => dynamics.scene(dynamics.initial(seed)))
  return { ...scene, shapes: scene.shapes.filter((shape, i) => isDeepStrictEqual(shape, other.shapes[i])) }
}
