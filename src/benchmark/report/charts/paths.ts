import * as Plot from '@observablehq/plot'
import type { Environment } from '../../../env/environment.ts'
import { modeColors } from '../../../evaluate/mode-colors.ts'
import { sceneMarks } from '../../../evaluate/scene-marks.ts'
import type { JobRecord } from '../../record.ts'
import { drawn, grid } from './panel.ts'

type KeptPaths = NonNullable<JobRecord['paths']>[string]

/** Paths of rolled-out episodes over the scene, coloured by mode, failures grey and dashed. */
export function pathsFigure(
  panels: readonly { readonly title: string; readonly paths: KeptPaths }[],
  { dynamics }: Pick<Environment, 'dynamics'>,
): string | undefined {
  if (panels.length === 0) return undefined
  const scene = dynamics.scene(dynamics.initial(0))
  const { low, high } = scene.bounds
  const colors = modeColors(Math.max(1, dynamics.modes?.names.length ?? 1))
  const width = 232
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
          ...[...paths]
            .sort((a, b) => Number(a.success) - Number(b.success))
            .map(({ success, mode, points }) =>
              Plot.line(
                Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i], points[2 * i + 1]]),
                {
                  stroke: success ? colors[Math.max(0, mode)] : '#7d8590',
                  strokeWidth: success ? 1.3 : 1,
                  strokeOpacity: 0.8,
                  strokeDasharray: success ? undefined : '3 3',
                  clip: true,
                },
              ),
            ),
        ],
      },
      height,
      width,
    ),
  )
  return grid(made, [], height, width, 4)
}
