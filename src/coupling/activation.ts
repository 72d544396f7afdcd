/** What an evaluation must show before a coupling that waits for it goes to work. */
export interface Criterion {
  /** Name of a figure of the evaluation, such as `success`; more is better. */
  readonly metric: string
  /** The least value that will do. */
  readonly threshold: number
  /** Whether every known mode must have been seen too, where modes are known. */
  readonly everyMode: boolean
}

/** What an evaluation found. */
export interface Evidence {
  /** Training steps done. */
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  /** Modes that were seen, and those that are known; absent where none are. */
  readonly modes?: { readonly seen: number; readonly known: number }
}

/** Since when a coupling has been at work, and why. */
export interface Activation {
  readonly step: number
  readonly metric: string
  readonly value: number
  readonly threshold: number
  readonly modes?: { readonly seen: number; readonly known: number }
}

/** The activation that the evidence brings about; undefined where it does not suffice. */
export function activationBy(criterion: Criterion, evidence: Evidence): Activation | undefined {
  const { metric, threshold, everyMode } = criterion
  const { step, metrics, modes } = evidence
  const value = metrics[metric]
  if (!(value >= threshold)) return undefined
  if (everyMode && modes && modes.seen < modes.known) return undefined
  return { step, metric, value, threshold, ...(modes && { modes }) }
}
