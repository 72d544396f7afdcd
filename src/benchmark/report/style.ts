import { ARMS } from '../arm.ts'

export const INK = '#1f2733'
export const FAINT = '#5d6776'
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'

/** How an arm is drawn, the same in every figure: told apart by shape and dashes too, for black and white. */
export interface ArmStyle {
  readonly color: string
  readonly symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'star' | 'cross' | 'wye' | 'times' | 'plus'
  readonly dash: string | undefined
}

const COLORS = [
  '#1f2733',
  '#d55e00',
  '#0072b2',
  '#009e73',
  '#cc79a7',
  '#8a6d00',
  '#56b4e9',
  '#7d8590',
  '#b35900',
]
const SYMBOLS: readonly ArmStyle['symbol'][] = [
  'circle',
  'square',
  'triangle',
  'diamond',
  'star',
  'cross',
  'wye',
  'times',
  'plus',
]
const DASHES = [undefined, undefined, '6 3', '2 3', '8 3 2 3', '4 4', '1 3', '10 4', '6 2 1 2']

/** The style of an arm; one that is not known is drawn as the first. */
export function armStyle(arm: string): ArmStyle {
  const index = Math.max(0, Object.keys(ARMS).indexOf(arm))
  return {
    color: COLORS[index % COLORS.length],
    symbol: SYMBOLS[index % SYMBOLS.length],
    dash: DASHES[index % DASHES.length],
  }
}
