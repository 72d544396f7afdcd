import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { element, escapeXml } from '../../../evaluate/svg.ts'
import { armStyle, FAINT } from '../style.ts'

export const LEGEND_HEIGHT = 30

const entryWidth = (arm: string) => 44 + 7 * arm.length

export function legendWidth(arms: readonly string[]): number {
  return arms.reduce((sum, arm) => sum + entryWidth(arm), 0)
}

/** How each arm is drawn, in a line; nothing without arms. */
export function legend(arms: readonly string[]): string {
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
