import * as Plot from '@observablehq/plot'
import type { Estimate } from '../../../evaluate/interval.ts'
import { armStyle, INK } from '../style.ts'
import { drawn, NARROW, stacked } from './panel.ts'

/** A difference with its interval, in a row of its own. */
export interface Row {
  readonly label: string
  readonly arm: string
  readonly difference: Estimate
  /** Filled where something is claimed of it. */
  readonly filled: boolean
}

/**
 * Differences to vanilla with their intervals, a panel for each title; undefined without panels.
 *
 * @param margin a second, dashed line beside that of no difference
 */
export function differencesFigure(
  panels: readonly { readonly title: string; readonly rows: readonly Row[] }[],
  x: string,
  margin?: number,
): string | undefined {
  if (panels.length === 0) return undefined
  const ends = panels.flatMap(({ rows }) =>
    rows.flatMap(({ difference }) => [difference.low, difference.high]),
  )
  const least = Math.max(-1, Math.min(-0.05, ...ends))
  const most = Math.min(1, Math.max(0.05, ...ends))
  const height = (rows: number) => 68 + 20 * rows
  const made = panels.map(({ title, rows }) => {
    const data = rows.map(({ label, arm, difference, filled }) => ({
      label,
      ...difference,
      low: Math.max(least, difference.low),
      high: Math.min(most, difference.high),
      color: armStyle(arm).color,
      fill: filled ? armStyle(arm).color : '#fff',
    }))
    return drawn(
      title,
      {
        marginLeft: 118,
        x: { label: x, domain: [least, most], ticks: 3 },
        y: { label: null, domain: data.map(({ label }) => label) },
        marks: [
          Plot.ruleX([0], { stroke: '#8a93a1' }),
          ...(margin === undefined ? [] : [Plot.ruleX([margin], { stroke: INK, strokeDasharray: '3 3' })]),
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
      const longest = Math.max(
        ...panels.slice(i * NARROW.columns, (i + 1) * NARROW.columns).map(({ rows }) => rows.length),
      )
      return { panels: some, height: height(longest) }
    }),
  )
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}
