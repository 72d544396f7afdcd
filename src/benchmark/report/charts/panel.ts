import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { element, escapeXml } from '../../../evaluate/svg.ts'
import { FONT, INK } from '../style.ts'
import { type Entry, LEGEND_HEIGHT, legend, legendWidth } from './legend.ts'

/** Size of a panel in px, and how many stand in a row. */
export const PANEL = { width: 316, height: 220, columns: 3, gap: 16 }
export const NARROW = { width: 258, columns: 4 }
/** Width in px of a full row. */
export const SHEET_WIDTH = NARROW.columns * (NARROW.width + PANEL.gap)

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

/** Panels in rows under a legend, as a whole SVG. */
export function grid(
  panels: readonly string[],
  entries: readonly Entry[],
  height = PANEL.height,
  width = PANEL.width,
  most = PANEL.columns,
): string {
  const columns = Math.min(most, panels.length)
  const top = entries.length > 0 ? LEGEND_HEIGHT : 0
  const rows = Math.ceil(panels.length / columns)
  const wide = Math.max(columns * (width + PANEL.gap), legendWidth(entries))
  const placed = panels.map((panel, i) => {
    const [x, y] = [(i % columns) * (width + PANEL.gap), Math.floor(i / columns) * (height + PANEL.gap)]
    return element('g', { transform: `translate(${x}, ${top + y})` }, panel)
  })
  return sheet(wide, top + rows * (height + PANEL.gap), [legend(entries), ...placed])
}

/** Rows of narrow panels, each of its own height. */
export function stacked(
  rows: readonly { readonly panels: readonly string[]; readonly height: number }[],
): string {
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
