/** How a figure of training is shown. */
export interface Figure {
  readonly title: string
  /** What its values mean, where the title does not tell. */
  readonly note?: string
  /** A share of 1, shown in percent. */
  readonly share?: boolean
  /** What its values lie between, where they are to be seen against that. */
  readonly range?: readonly [number, number]
  /** Drawn in the chart of another figure. */
  readonly within?: string
}

/** The figures in the order in which their charts are shown; others follow by name. */
const FIGURES: Readonly<Record<string, Figure>> = {
  loss: { title: 'loss' },
  success: { title: 'success', note: 'episodes that reach the goal', share: true, range: [0, 1] },
  entropy: { title: 'mode entropy', note: '1: all modes alike, 0: a single one', range: [0, 1] },
  'reward-max': { title: 'best reward', note: 'of an episode, in the mean' },
  'reward-mean': { title: 'mean reward', note: 'over an episode' },
  'reward-final': { title: 'final reward', note: 'at the end of an episode' },
  'total-variation': {
    title: 'distance from even modes',
    note: 'total variation: 0 where all modes are equally frequent',
  },
  frechet: { title: 'Fréchet distance', note: 'of generated to real images; less is better' },
  distance: { title: 'distance of data and noise', note: 'relative to noise that is drawn blindly' },
  'norm-energy': { title: 'energy of the noise', note: '1 for normal noise' },
  probe: {
    title: 'what the noise tells',
    note: 'R² of the observation read from the noise; up to the limit it is chance',
  },
  'probe-limit': { title: 'limit', within: 'probe' },
  'gradient-norm': { title: 'gradient norm' },
  'learning-rate': { title: 'learning rate' },
}

/** How to show a figure, such as `reward-max`. */
export function figureOf(name: string): Figure {
  return FIGURES[name] ?? { title: name.replaceAll('-', ' ') }
}

/** Where its chart stands among the others. */
export function rankOf(name: string): number {
  const at = Object.keys(FIGURES).indexOf(name)
  return at < 0 ? Object.keys(FIGURES).length : at
}
