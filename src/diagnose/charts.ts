import * as Plot from '@observablehq/plot'
import { drawn, grid } from '../benchmark/report/charts/panel.ts'
import { FAINT, INK } from '../benchmark/report/style.ts'
import type { Scene } from '../env/environment.ts'
import { modeColors } from '../evaluate/mode-colors.ts'
import { sceneMarks } from '../evaluate/scene-marks.ts'
import { element, escapeXml } from '../evaluate/svg.ts'
import type { CouplingDiagnosis, NetworkDiagnosis } from './diagnose.ts'

const CHOSEN = '#0072b2'
const REFERENCE = '#7d8590'
const [FIRST, SECOND] = modeColors(2)

const PANEL = { height: 250, width: 352 }

/** Distances and norms of the chosen noise beside independent noise, and what probes read of it. */
export function couplingFigure({ distance, norm, probes, separation }: CouplingDiagnosis): string {
  const panels = [
    histogramPanel(
      'Distance of samples to their noise',
      'distance',
      distance.histogram.map(({ from, to, chosen, independent }) => ({
        from,
        to,
        share: chosen,
        expected: independent,
      })),
    ),
    histogramPanel('Squared norm of the noise', '‖n‖² / D', norm.histogram),
  ]
  if (probes) {
    const lines = (['linear', 'bent'] as const).map((kind) => ({ kind, ...probes[kind] }))
    const low = Math.min(...lines.map(({ value, chance }) => Math.min(value, chance)))
    const high = Math.max(low + 0.02, ...lines.map(({ value, limit }) => Math.max(value, limit)))
    panels.push(
      drawn(
        `What probes read of the ${probes.of} in the noise`,
        {
          marginLeft: 56,
          x: {
            label: probes.of === 'class' ? 'accuracy' : 'R²',
            domain: [low - 0.05 * (high - low), high + 0.05 * (high - low)],
            ticks: 5,
            grid: true,
          },
          y: { label: null, domain: ['linear', 'bent'] },
          marks: [
            Plot.barX(lines, {
              x1: 'chance',
              x2: 'limit',
              y: 'kind',
              fill: REFERENCE,
              fillOpacity: 0.3,
              insetTop: 22,
              insetBottom: 22,
            }),
            Plot.tickX(lines, { x: 'chance', y: 'kind', stroke: REFERENCE, insetTop: 22, insetBottom: 22 }),
            Plot.tickX(lines, { x: 'limit', y: 'kind', stroke: REFERENCE, insetTop: 22, insetBottom: 22 }),
            Plot.dot(lines, { x: 'value', y: 'kind', fill: CHOSEN, r: 5 }),
          ],
        },
        PANEL.height,
        PANEL.width,
      ),
    )
  }
  panels.push(
    barPanel('How far the noise of two samples lies apart', 'distance of mean noise', [
      { name: 'measured', value: separation.measured, color: CHOSEN },
      { name: 'by chance', value: separation.chance, color: REFERENCE },
      { name: 'effective', value: separation.effective, color: CHOSEN },
    ]),
  )
  return grid(panels, [], PANEL.height, PANEL.width, 2)
}

interface Bin {
  readonly from: number
  readonly to: number
  readonly share: number
  readonly expected: number
}

/** Bars of what was chosen, and a line of what independent noise shows. */
function histogramPanel(title: string, x: string, bins: readonly Bin[]): string {
  const outline = bins.flatMap(({ from, to, expected }) => [
    { at: from, expected },
    { at: to, expected },
  ])
  return drawn(
    title,
    {
      marginLeft: 54,
      x: { label: x, ticks: 6, domain: [bins[0].from, bins[bins.length - 1].to] },
      y: { label: 'share', grid: true, ticks: 5 },
      marks: [
        Plot.rectY(bins, { x1: 'from', x2: 'to', y: 'share', fill: CHOSEN, fillOpacity: 0.55, inset: 0.4 }),
        Plot.line(outline, { x: 'at', y: 'expected', stroke: INK, strokeWidth: 1.3 }),
        Plot.ruleY([0], { stroke: '#8a93a1' }),
      ],
    },
    PANEL.height,
    PANEL.width,
  )
}

interface Bar {
  readonly name: string
  readonly value: number
  readonly color: string
}

/** Bars with their names below and their values on top. @param top of the axis; a little above the highest by default */
function barPanel(
  title: string,
  y: string,
  bars: readonly Bar[],
  top = 1.15 * Math.max(Number.MIN_VALUE, ...bars.map(({ value }) => value)),
): string {
  return drawn(
    title,
    {
      marginLeft: 54,
      x: { label: null, domain: bars.map(({ name }) => name) },
      y: { label: y, domain: [0, top], grid: true, ticks: 5 },
      marks: [
        Plot.barY(bars, {
          x: 'name',
          y: 'value',
          fill: 'color',
          fillOpacity: 0.75,
          insetLeft: 18,
          insetRight: 18,
        }),
        Plot.text(bars, {
          x: 'name',
          y: 'value',
          text: ({ value }: Bar) => (Number.isInteger(value) ? `${value}` : value.toPrecision(2)),
          dy: -7,
          fill: INK,
        }),
        Plot.ruleY([0], { stroke: '#8a93a1' }),
      ],
    },
    PANEL.height,
    PANEL.width,
  )
}

/** The response to the modes, and how many distinct samples noise becomes. */
export function networkFigure({ response, distinct, contest }: NetworkDiagnosis): string {
  const half = contest.distance / 2
  const curve = (of: 'network' | 'ideal') =>
    response[of].places.map((place, i) => ({ place, predicted: response[of].predicted[i] }))
  // Names in the corner that rising curves leave free.
  const names = [
    { of: '— network', color: CHOSEN },
    { of: '- - ideal', color: FAINT },
  ]
  return grid(
    [
      drawn(
        'Response to the modes',
        {
          marginLeft: 54,
          x: { label: 'place of the noisy sample between the modes (deviations)', ticks: 7 },
          y: { label: 'predicted data along the axis', grid: true, ticks: 5 },
          marks: [
            Plot.ruleY([-half, half], { stroke: INK, strokeDasharray: '2 3' }),
            Plot.ruleX([0], { stroke: '#c9ced6' }),
            Plot.line(curve('ideal'), {
              x: 'place',
              y: 'predicted',
              stroke: REFERENCE,
              strokeWidth: 1.6,
              strokeDasharray: '6 3',
            }),
            Plot.line(curve('network'), { x: 'place', y: 'predicted', stroke: CHOSEN, strokeWidth: 2 }),
            ...names.map(({ of, color }, line) =>
              Plot.text([of], {
                frameAnchor: 'top-left',
                text: (name: string) => name,
                dx: 6,
                dy: 4 + 15 * line,
                fill: color,
              }),
            ),
          ],
        },
        PANEL.height,
        PANEL.width,
      ),
      barPanel(`Distinct nearest samples of ${distinct.network.count} noises`, 'samples', [
        { name: 'network', value: distinct.network.distinct, color: CHOSEN },
        { name: 'ideal', value: distinct.ideal.distinct, color: REFERENCE },
      ]),
      barPanel(
        'Share of the second group',
        'share',
        [
          { name: 'samples', value: contest.share, color: REFERENCE },
          { name: 'network', value: distinct.network.share, color: CHOSEN },
          { name: 'ideal', value: distinct.ideal.share, color: REFERENCE },
        ],
        1,
      ),
    ],
    [],
    PANEL.height,
    PANEL.width,
    3,
  )
}

/** Points of one drawn sample. */
export type Path = readonly (readonly [number, number])[]

/** Samples of a planner as paths over the scene, a panel each; those of the second group in its colour. */
export function pathsFigure(
  scene: Scene | undefined,
  panels: readonly { readonly title: string; readonly paths: readonly Path[]; readonly group?: Uint8Array }[],
): string {
  const all = panels.flatMap(({ paths }) => paths.flat())
  const reach = (k: 0 | 1) => {
    const values = all.map((point) => point[k]).sort((a, b) => a - b)
    // A stray prediction must not shrink all others.
    const [low, high] = [
      values[Math.floor(0.005 * values.length)],
      values[Math.ceil(0.995 * values.length) - 1],
    ]
    const margin = 0.08 * (high - low || 1)
    return [low - margin, high + margin] as const
  }
  const domain = { x: reach(0), y: reach(1) }
  // One scale for both axes.
  const span = Math.max(domain.x[1] - domain.x[0], domain.y[1] - domain.y[0])
  const square = ([low, high]: readonly [number, number]) => [
    (low + high - span) / 2,
    (low + high + span) / 2,
  ]
  const size = 256
  return grid(
    panels.map(({ title, paths, group }) =>
      drawn(
        title,
        {
          marginLeft: 4,
          marginRight: 4,
          marginTop: 4,
          marginBottom: 4,
          x: { axis: null, domain: square(domain.x) },
          y: { axis: null, domain: square(domain.y) },
          marks: [
            Plot.frame({ stroke: '#c9ced6', fill: '#fbfcfd' }),
            ...(scene ? sceneMarks(scene, true) : []),
            ...paths.map((path, i) =>
              Plot.line(path as [number, number][], {
                stroke: group ? (group[i] ? SECOND : FIRST) : CHOSEN,
                strokeWidth: 1.1,
                strokeOpacity: Math.min(0.8, Math.max(0.25, 6 / Math.sqrt(paths.length))),
                clip: true,
              }),
            ),
            ...(paths[0] ? [Plot.dot([paths[0][0]], { fill: INK, r: 2.6 })] : []),
          ],
        },
        size + 20,
        size,
      ),
    ),
    [],
    size + 20,
    size,
    4,
  )
}

/** Sheets of images side by side. */
export function imagesFigure(
  panels: readonly { readonly title: string; readonly png: Uint8Array }[],
): string {
  const size = 250
  return grid(
    panels.map(
      ({ title, png }) =>
        element('text', { x: 4, y: 13, 'font-size': 12.5, 'font-weight': 600 }, escapeXml(title)) +
        element('image', {
          x: 0,
          y: 22,
          width: size,
          height: size,
          preserveAspectRatio: 'xMidYMin meet',
          href: `data:image/png;base64,${Buffer.from(png).toString('base64')}`,
        }),
    ),
    [],
    size + 24,
    size,
    4,
  )
}
