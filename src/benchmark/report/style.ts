import type { ARMS } from '../arm.ts'

export const INK = '#1f2733'
export const FAINT = '#5d6776'
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'

/** How an arm is drawn, the same in every figure: told apart by shape and dashes too, for black and white. */
export interface ArmStyle {
  readonly color: string
  readonly symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'star' | 'hexagon' | 'triangle2'
  readonly dash: string | undefined
}

const BLACK = INK
const RED = '#d55e00'
const BLUE = '#0072b2'
const GREEN = '#009e73'
const PINK = '#cc79a7'
const OCHRE = '#8a6d00'
const GREY = '#7d8590'

/** Relatives share a colour: couplings of one kind, and arms that are trained alike. */
const STYLES: Readonly<Record<keyof typeof ARMS, ArmStyle>> = {
  independent: { color: BLACK, symbol: 'circle', dash: undefined },
  local: { color: RED, symbol: 'square', dash: undefined },
  balanced: { color: RED, symbol: 'hexagon', dash: '8 3 2 3' },
  'local-16': { color: RED, symbol: 'triangle2', dash: '6 3' },
  'local-256': { color: RED, symbol: 'star', dash: '10 4' },
  detrended: { color: RED, symbol: 'diamond', dash: '2 3' },
  'residual-local': { color: BLUE, symbol: 'hexagon', dash: '8 3 2 3' },
  'residual-balanced': { color: BLUE, symbol: 'square', dash: '2 3' },
  residual: { color: BLUE, symbol: 'triangle', dash: '6 3' },
  penalised: { color: GREEN, symbol: 'diamond', dash: '2 3' },
  grouped: { color: GREEN, symbol: 'hexagon', dash: '6 3' },
  assignment: { color: PINK, symbol: 'star', dash: '8 3 2 3' },
  after: { color: PINK, symbol: 'triangle2', dash: '2 3' },
  sinkhorn: { color: PINK, symbol: 'hexagon', dash: '4 4' },
  nearest: { color: OCHRE, symbol: 'triangle2', dash: '4 4' },
  scaled: { color: OCHRE, symbol: 'diamond', dash: '2 3' },
  epsilon: { color: GREY, symbol: 'circle', dash: '1 3' },
  'epsilon-min-snr': { color: GREY, symbol: 'triangle', dash: '10 4' },
  'epsilon-local': { color: GREY, symbol: 'square', dash: '6 2 1 2' },
}

/** The style of an arm; one that is not known is drawn as vanilla. */
export function armStyle(arm: string): ArmStyle {
  return STYLES[arm] ?? STYLES.independent
}
