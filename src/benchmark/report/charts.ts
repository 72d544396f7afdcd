import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Environment } from '../../env/environment.ts'
import type { Estimate } from '../../evaluate/interval.ts'
import { modeColors } from '../../evaluate/mode-colors.ts'
import { sceneMarks } from '../../evaluate/scene-marks.ts'
import { element, escapeXml } from '../../evaluate/svg.ts'
import type { JobRecord } from '../record.ts'
import { armStyle, FAINT, FONT, INK } from './style.ts'

/** A mean with its interval at one place of a curve. */
export interface Point {
  readonly x: number
  readonly y: Estimate
}

/** The curve of an arm. */
export interface Curve {
  readonly arm: string
  readonly points: readonly Point[]
}

/** A small plot among others that share a legend. */
export interface Panel {
  readonly title: string
  readonly curves: readonly Curve[]
}

/** How the panels of a figure are drawn. */
export interface PanelOptions {
  readonly x: string
  readonly y: string
  /** Places of an x axis that is not a scale of numbers, evenly spaced. */
  readonly places?: readonly number[]
  readonly yDomain?: readonly [number, number]
  readonly bands?: boolean
  /** Shows small values too: the y axis is that of square roots, from 0. */
  readonly roots?: boolean
  /** Panels that belong together stand in pairs, four narrower ones in a row. */
  readonly paired?: boolean
}

const PANEL = { width: 316, height: 220, columns: 3, gap: 16 }
const NARROW = { width: 258, columns: 4 }
const LEGEND_HEIGHT = 30

/** Curves of arms in panels side by side, with one legend above; undefined without panels. */
export function curvesFigure(panels: readonly Panel[], options: PanelOptions): string | undefined {
  if (panels.length === 0) return undefined
  const arms = [...new Set(panels.flatMap(({ curves }) => curves.map(({ arm }) => arm)))]
  const { width, columns } = options.paired ? NARROW : PANEL
  return grid(
    panels.map((panel) => curvesPanel(panel, options, width)),
    arms,
    PANEL.height,
    width,
    columns,
  )
}

function curvesPanel({ title, curves }: Panel, options: PanelOptions, width: number): string {
  const { places } = options
  // Arms stand beside one another on an axis of places, so that their intervals do not hide each other.
  const spread = places ? 0.07 : 0
  const xOf = (x: number, index: number) =>
    (places ? places.indexOf(x) : x) + spread * (index - (curves.length - 1) / 2)
  const points = curves.flatMap(({ arm, points: all }, index) =>
    all.map(({ x, y }) => ({ arm, x: xOf(x, index), y: y.value, low: y.low, high: y.high })),
  )
  const marks = curves.flatMap(({ arm }) => {
    const own = points.filter((point) => point.arm === arm)
    const { color, dash, symbol } = armStyle(arm)
    return [
      ...(options.bands
        ? [Plot.areaY(own, { x: 'x', y1: 'low', y2: 'high', fill: color, fillOpacity: 0.1 })]
        : []),
      ...(options.bands
        ? []
        : [Plot.ruleX(own, { x: 'x', y1: 'low', y2: 'high', stroke: color, strokeWidth: 1 })]),
      Plot.line(own, { x: 'x', y: 'y', stroke: color, strokeWidth: 1.6, strokeDasharray: dash }),
      Plot.dot(own, { x: 'x', y: 'y', symbol, stroke: color, fill: '#fff', strokeWidth: 1.5, r: 3.4 }),
    ]
  })
  const plot: Plot.PlotOptions = {
    x: {
      label: options.x,
      ...(places
        ? {
            domain: [-0.35, places.length - 0.65],
            ticks: places.map((_, i) => i),
            tickFormat: (i: number) => `${places[i]}`,
          }
        : {
            domain: [0, Math.max(...points.map(({ x }) => x))],
            ticks: 4,
            tickFormat: (value: number) => (value >= 1000 ? `${value / 1000}k` : `${value}`),
          }),
    },
    y: {
      label: options.y,
      grid: true,
      ticks: 5,
      ...(options.roots
        ? { type: 'sqrt', domain: [0, Math.max(...points.map(({ high }) => high))], clamp: true }
        : options.yDomain
          ? { domain: options.yDomain, clamp: true }
          : { zero: true }),
    },
    marks: [Plot.ruleY([0], { stroke: '#c9ced6' }), ...marks],
  }
  return drawn(title, plot, PANEL.height, width)
}

/** A difference with its interval, in a row of its own. */
export interface Row {
  readonly label: string
  readonly arm: string
  readonly difference: Estimate
  /** Filled where it is significant after the correction. */
  readonly significant: boolean
}

/** Differences to vanilla with their intervals, a panel for each title; undefined without panels. */
export function differencesFigure(
  panels: readonly { readonly title: string; readonly rows: readonly Row[] }[],
  x: string,
): string | undefined {
  if (panels.length === 0) return undefined
  const ends = panels.flatMap(({ rows }) =>
    rows.flatMap(({ difference }) => [difference.low, difference.high]),
  )
  const reach = Math.min(1, Math.max(0.05, ...ends.map(Math.abs)))
  const height = (rows: number) => 68 + 20 * rows
  const made = panels.map(({ title, rows }) => {
    const data = rows.map(({ label, arm, difference, significant }) => ({
      label,
      ...difference,
      low: Math.max(-reach, difference.low),
      high: Math.min(reach, difference.high),
      color: armStyle(arm).color,
      fill: significant ? armStyle(arm).color : '#fff',
    }))
    return drawn(
      title,
      {
        marginLeft: 100,
        x: { label: x, domain: [-reach, reach], ticks: 4 },
        y: { label: null, domain: data.map(({ label }) => label) },
        marks: [
          Plot.ruleX([0], { stroke: '#8a93a1' }),
          Plot.ruleY(data, { y: 'label', x1: 'low', x2: 'high', stroke: 'color', strokeWidth: 1.6 }),
          ...rows.map(({ arm }, i) =>
            Plot.dot([data[i]], {
              y: 'label',
              x: 'value',
              symbol: armStyle(arm).symbol,
              stroke: 'color',
              fill: 'fill',
              strokeWidth: 1.5,
              r: 4,
            }),
          ),
        ],
      },
      height(rows.length),
      NARROW.width,
    )
  })
  // A row of panels is as high as its highest.
  return stacked(
    chunks(made, NARROW.columns).map((some, i) => {
      const most = Math.max(
        ...panels.slice(i * NARROW.columns, (i + 1) * NARROW.columns).map(({ rows }) => rows.length),
      )
      return { panels: some, height: height(most) }
    }),
  )
}

/** Shares of modes as bars, a panel for each arm; undefined without panels. */
export function modesFigure(
  panels: readonly { readonly title: string; readonly arm: string; readonly shares: readonly number[] }[],
  names: readonly string[],
): string | undefined {
  if (panels.length === 0) return undefined
  const top = Math.max(...panels.flatMap(({ shares }) => shares), 1 / names.length) * 1.08
  const few = names.length <= 4
  const width = few ? 190 : PANEL.width
  return grid(
    panels.map(({ title, arm, shares }) => {
      const data = shares.map((share, mode) => ({ mode: few ? names[mode] : `${mode + 1}`, share }))
      return drawn(
        title,
        {
          x: {
            label: few ? null : 'mode',
            domain: data.map(({ mode }) => mode),
            ...(few ? {} : { ticks: ['1', '6', '12', '18', '24'], tickSize: 0 }),
          },
          y: { label: 'share of successes', domain: [0, top], ticks: 4, grid: true },
          marks: [
            Plot.barY(data, {
              x: 'mode',
              y: 'share',
              fill: armStyle(arm).color,
              fillOpacity: 0.75,
              insetLeft: few ? 8 : 0.5,
              insetRight: few ? 8 : 0.5,
            }),
            Plot.ruleY([1 / names.length], { stroke: INK, strokeDasharray: '4 3' }),
            Plot.ruleY([0], { stroke: '#8a93a1' }),
          ],
        },
        190,
        width,
      )
    }),
    [],
    190,
    width,
    few ? 5 : PANEL.columns,
  )
}

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

/** Pictures in base64, side by side; undefined without any. */
export function picturesFigure(
  panels: readonly { readonly title: string; readonly png: string }[],
): string | undefined {
  if (panels.length === 0) return undefined
  const width = 420
  const size = ({ png }: { png: string }) => {
    // The header of a PNG: width and height are its first numbers.
    const header = Buffer.from(png, 'base64')
    return { across: header.readUInt32BE(16), down: header.readUInt32BE(20) }
  }
  const scaled = Math.max(...panels.map((panel) => (width * size(panel).down) / size(panel).across))
  const made = panels.map(
    ({ title, png }) =>
      element('text', { x: 0, y: 13, 'font-size': 12.5, 'font-weight': 600 }, escapeXml(title)) +
      element('image', { x: 0, y: 22, width, href: `data:image/png;base64,${png}` }),
  )
  return grid(made, [], Math.ceil(scaled) + 26, width, 2)
}

/** One panel with its title, `width` × `height` px, as markup for {@link grid}. */
export function drawn(
  title: string,
  options: Plot.PlotOptions,
  height = PANEL.height,
  width = PANEL.width,
): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const axis = { labelAnchor: 'center', labelArrow: 'none' } as const
  const svg = Plot.plot({
    document,
    width,
    height: height - 24,
    marginTop: 8,
    marginLeft: 46,
    marginRight: 10,
    marginBottom: 40,
    style: { fontFamily: FONT, fontSize: '11px', background: 'none', overflow: 'visible' },
    ...options,
    x: { ...axis, ...options.x },
    y: { ...axis, ...options.y },
  })
  // The library counts clips over the life of the process; all of them are the frame.
  const plot = svg.outerHTML.replaceAll(/plot-clip-\d+/g, `plot-clip-${width}-${height}`)
  return (
    element('text', { x: 4, y: 13, 'font-size': 12.5, 'font-weight': 600 }, escapeXml(title)) +
    element('g', { transform: 'translate(0, 20)' }, plot)
  )
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}

/** Rows of narrow panels, each of its own height. */
function stacked(rows: readonly { readonly panels: readonly string[]; readonly height: number }[]): string {
  const wide = NARROW.width + PANEL.gap
  let top = 0
  const groups = rows.map(({ panels, height }) => {
    const at = top
    top += height + PANEL.gap
    return panels.map((panel, i) => element('g', { transform: `translate(${i * wide}, ${at})` }, panel))
  })
  return sheet(wide * Math.max(...rows.map(({ panels }) => panels.length)), top, groups.flat())
}

function sheet(width: number, height: number, content: readonly string[]): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      'font-family': FONT,
      'font-size': 12,
      fill: INK,
      role: 'img',
    },
    ...content,
  )
}

/** Panels in rows under a legend of the arms, as a whole SVG. */
export function grid(
  panels: readonly string[],
  arms: readonly string[],
  height = PANEL.height,
  width = PANEL.width,
  most = PANEL.columns,
): string {
  const columns = Math.min(most, panels.length)
  const top = arms.length > 0 ? LEGEND_HEIGHT : 0
  const rows = Math.ceil(panels.length / columns)
  const wide = Math.max(columns * (width + PANEL.gap), legendWidth(arms))
  const placed = panels.map((panel, i) => {
    const [x, y] = [(i % columns) * (width + PANEL.gap), Math.floor(i / columns) * (height + PANEL.gap)]
    return element('g', { transform: `translate(${x}, ${top + y})` }, panel)
  })
  return sheet(wide, top + rows * (height + PANEL.gap), [legend(arms), ...placed])
}

const entryWidth = (arm: string) => 44 + 7 * arm.length

function legendWidth(arms: readonly string[]): number {
  return arms.reduce((sum, arm) => sum + entryWidth(arm), 0)
}

function legend(arms: readonly string[]): string {
  if (arms.length === 0) return ''
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  let x = 0
  const entries = arms.map((arm) => {
    const { color, dash, symbol } = armStyle(arm)
    const mark = Plot.plot({
      document,
      width: 30,
      height: 16,
      margin: 0,
      axis: null,
      x: { domain: [0, 30] },
      y: { domain: [0, 16] },
      style: { background: 'none' },
      marks: [
        Plot.line(
          [
            [1, 8],
            [29, 8],
          ],
          { stroke: color, strokeWidth: 1.6, strokeDasharray: dash },
        ),
        Plot.dot([[15, 8]], { symbol, stroke: color, fill: '#fff', strokeWidth: 1.5, r: 3.4 }),
      ],
    }).outerHTML
    const entry = element(
      'g',
      { transform: `translate(${x}, 0)` },
      mark,
      element('text', { x: 34, y: 12, fill: FAINT }, escapeXml(arm)),
    )
    x += entryWidth(arm)
    return entry
  })
  return entries.join('')
}
