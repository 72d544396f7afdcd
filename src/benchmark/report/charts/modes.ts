import * as Plot from '@observablehq/plot'
import { armStyle, INK } from '../style.ts'
import { drawn, grid, NARROW, PANEL } from './panel.ts'

/**
 * Shares of modes as bars, a panel for each arm; undefined without panels.
 *
 * @param episodes what the shares are of
 */
export function modesFigure(
  panels: readonly { readonly title: string; readonly arm: string; readonly shares: readonly number[] }[],
  names: readonly string[],
  episodes: string,
): string | undefined {
  if (panels.length === 0) return undefined
  const top = Math.max(...panels.flatMap(({ shares }) => shares), 1 / names.length) * 1.08
  const few = names.length <= 4
  const long = names.some((name) => name.length > 10)
  const width = few ? (long ? NARROW.width : 190) : PANEL.width
  return grid(
    panels.map(({ title, arm, shares }) => {
      const data = shares.map((share, mode) => ({ mode: few ? names[mode] : `${mode + 1}`, share }))
      return drawn(
        title,
        {
          marginLeft: 54,
          x: {
            label: few ? null : 'mode',
            domain: data.map(({ mode }) => mode),
            ...(few ? {} : { ticks: ['1', '6', '12', '18', '24'], tickSize: 0 }),
          },
          y: { label: `share of ${episodes}`, domain: [0, top], ticks: 4, grid: true },
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
    few ? (long ? NARROW.columns : 5) : PANEL.columns,
  )
}
