import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { element, escapeXml } from '../../../evaluate/svg.ts'
import { type ArmStyle, armStyle, FAINT } from '../style.ts'

export const LEGEND_HEIGHT = 30

/** How something is drawn that a legend names. */
export interface Entry {
  readonly label: string
  readonly color: string
  readonly dash?: string
  /** Width of the line in px. */
  readonly width?: number
  /** Of the points on the line; without, there are none. */
  readonly symbol?: ArmStyle['symbol']
}

/** The entries of arms, in their own styles. */
export function armEntries(arms: readonly string[]): Entry[] {
  return arms.map((arm) => ({ label: arm, ...armStyle(arm) }))
}

/** Entries of many are short, so that they stay in one line. */
const lineWidth = (entries: readonly Entry[]) => (entries.length > 12 ? 18 : 30)
const entryWidth = ({ label }: Entry, line: number) => line + 4 + (line < 30 ? 6 : 10) + 7 * label.length

export function legendWidth(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entryWidth(entry, lineWidth(entries)), 0)
}

/** How each is drawn, in a line; nothing without entries. */
export function legend(entries: readonly Entry[]): string {
  if (entries.length === 0) return ''
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const line = lineWidth(entries)
  let x = 0
  const made = entries.map((entry) => {
    const { label, color, dash, width = 1.6, symbol } = entry
    const mark = Plot.plot({
      document,
      width: line,
      height: 16,
      margin: 0,
      axis: null,
      x: { domain: [0, line] },
      y: { domain: [0, 16] },
      style: { background: 'none' },
      marks: [
        Plot.line(
          [
            [0, 8],
            [line, 8],
          ],
          { stroke: color, strokeWidth: width, strokeDasharray: dash },
        ),
        ...(symbol
          ? [Plot.dot([[line / 2, 8]], { symbol, stroke: color, fill: '#fff', strokeWidth: 1.5, r: 3.4 })]
          : []),
      ],
    }).outerHTML
    const placed = element(
      'g',
      { transform: `translate(${x}, 0)` },
      mark,
      element('text', { x: line + 4, y: 12, fill: FAINT }, escapeXml(label)),
    )
    x += entryWidth(entry, line)
    return placed
  })
  return made.join('')
}
