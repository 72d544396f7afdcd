import * as Plot from '@observablehq/plot'
import type { Estimate } from '../../../evaluate/interval.ts'
import { type ArmStyle, armStyle } from '../style.ts'
import { armEntries } from './legend.ts'
import { drawn, grid, PANEL, SHEET_WIDTH } from './panel.ts'

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

/** Curves of arms in panels side by side, with one legend above; undefined without panels. */
export function curvesFigure(panels: readonly Panel[], options: PanelOptions): string | undefined {
  if (panels.length === 0) return undefined
  const arms = [...new Set(panels.flatMap(({ curves }) => curves.map(({ arm }) => arm)))]
  const { width, height, columns } = sizeOf(panels.length, options.paired ? 4 : 3)
  return grid(
    panels.map((panel) => curvesPanel(panel, options, { width, height })),
    armEntries(arms),
    height,
    width,
    columns,
  )
}

/** Few panels are larger, so that a row of them is about as wide as any other. */
function sizeOf(panels: number, most: number): { width: number; height: number; columns: number } {
  const columns = Math.min(most, panels)
  const width = Math.min(480, Math.floor(SHEET_WIDTH / columns) - PANEL.gap)
  return { width, height: columns <= 2 ? 270 : 244, columns }
}

function curvesPanel(
  { title, curves }: Panel,
  options: PanelOptions,
  { width, height }: { readonly width: number; readonly height: number },
): string {
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
        ? band(own, armStyle(arm))
        : [Plot.ruleX(own, { x: 'x', y1: 'low', y2: 'high', stroke: color, strokeWidth: 1 })]),
      Plot.line(own, { x: 'x', y: 'y', stroke: color, strokeWidth: 1.6, strokeDasharray: dash }),
      Plot.dot(own, { x: 'x', y: 'y', symbol, stroke: color, fill: '#fff', strokeWidth: 1.5, r: 3.4 }),
    ]
  })
  const plot: Plot.PlotOptions = {
    marginLeft: 52,
    x: {
      label: options.x,
      ...(places
        ? {
            domain: [-0.35, places.length - 0.65],
            ticks: places.map((_, i) => i),
            tickFormat: (i: number) => `${places[i]}`,
          }
        : {
            domain: [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))],
            inset: 8,
            ticks: [...new Set(points.map(({ x }) => x))],
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
  return drawn(title, plot, height, width)
}

/** A band whose thin edges, dashed as its curve, tell it apart in print. */
function band(
  points: readonly { readonly low: number; readonly high: number }[],
  { color, dash }: ArmStyle,
): Plot.Markish[] {
  if (points.every(({ low, high }) => low === high)) return []
  const edge = { x: 'x', stroke: color, strokeWidth: 0.7, strokeOpacity: 0.75, strokeDasharray: dash }
  return [
    Plot.areaY(points, { x: 'x', y1: 'low', y2: 'high', fill: color, fillOpacity: 0.08 }),
    Plot.line(points, { ...edge, y: 'low' }),
    Plot.line(points, { ...edge, y: 'high' }),
  ]
}
