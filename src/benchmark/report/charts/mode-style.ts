import { modeColors } from '../../../evaluate/mode-colors.ts'
import { FAINT } from '../style.ts'
import type { Entry } from './legend.ts'

/** How the paths of a mode are drawn: told apart by dashes and widths too, for black and white. */
export type LineStyle = Required<Pick<Entry, 'color' | 'width'>> & Pick<Entry, 'dash'>

const FEW: readonly Omit<LineStyle, 'color'>[] = [
  { width: 1.3 },
  { width: 1.5, dash: '7 3' },
  { width: 2.4 },
  { width: 1.5, dash: '2 2' },
  { width: 2.4, dash: '9 4' },
  { width: 1.5, dash: '8 2 2 2' },
]

/** Beyond a few modes colours tell them, and dashes the later half from the earlier. */
const HALVES: readonly Omit<LineStyle, 'color'>[] = [{ width: 1.2 }, { width: 1.2, dash: '6 2' }]

/** The style of each of `count` modes. */
export function modeStyles(count: number): LineStyle[] {
  return modeColors(count).map((color, i) => ({
    color,
    ...(count <= FEW.length ? FEW[i] : HALVES[Number(i >= count / 2)]),
  }))
}

/** Of paths that show no mode, and of failures where a failure's way says nothing. */
export const NO_MODE: LineStyle = { color: FAINT, width: 0.9, dash: '1.5 2' }
