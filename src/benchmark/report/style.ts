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
const SKY = '#3a9bd9'
const GREY = '#7d8590'

/** Arms whose curves share a panel (`arm-groups.ts`) differ in colour, in shape and in dashes. */
const STYLES: Readonly<Record<keyof typeof ARMS, ArmStyle>> = {
  independent: { color: BLACK, symbol: 'circle', dash: undefined },
  local: { color: RED, symbol: 'square', dash: '12 3' },
  balanced: { color: BLUE, symbol: 'hexagon', dash: '8 3 2 3' },
  'local-16': { color: GREEN, symbol: 'triangle2', dash: '4 4' },
  'local-256': { color: PINK, symbol: 'star', dash: '7 3' },
  detrended: { color: OCHRE, symbol: 'diamond', dash: '2 3' },
  residual: { color: BLUE, symbol: 'triangle', dash: '7 3' },
  'residual-local': { color: OCHRE, symbol: 'triangle2', dash: '4 4' },
  'residual-balanced': { color: PINK, symbol: 'star', dash: '8 3 2 3' },
  penalised: { color: GREEN, symbol: 'hexagon', dash: '2 3' },
  grouped: { color: SKY, symbol: 'diamond', dash: '5 2 5 6' },
  assignment: { color: PINK, symbol: 'star', dash: '8 3 2 3' },
  nearest: { color: OCHRE, symbol: 'triangle2', dash: '4 4' },
  sinkhorn: { color: BLUE, symbol: 'hexagon', dash: '7 3' },
  scaled: { color: GREEN, symbol: 'diamond', dash: '2 3' },
  after: { color: SKY, symbol: 'triangle', dash: '8 3 2 3 2 3' },
  epsilon: { color: GREY, symbol: 'diamond', dash: '2 3' },
  'epsilon-min-snr': { color: BLUE, symbol: 'triangle', dash: '7 3' },
  'epsilon-local': { color: RED, symbol: 'square', dash: '12 3' },
}

/** The style of an arm; one that is not known is drawn as vanilla. */
export function armStyle(arm: string): ArmStyle {
  return STYLES[arm] ?? STYLES.independent
}
