import { element, escapeXml } from '../../../evaluate/svg.ts'
import { grid } from './panel.ts'

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
