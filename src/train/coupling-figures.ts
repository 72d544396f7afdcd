import { normEnergy, type Probes, probeCondition, probeLabels, relativeDistance } from '../coupling/index.ts'
import type { Rng } from '../random/rng.ts'
import type { Pool } from './pools.ts'

/** How the noise of some thousand upcoming samples was chosen. */
export interface CouplingFigures {
  /** Mean distance of samples to their noise over that to independent noise. */
  readonly distance: number
  /** E‖n‖²/D, 1 for N(0, I). */
  readonly normEnergy: number
  /**
   * What a linear probe reads from the noise: R² of the condition, else accuracy for labels; absent where there is
   * neither.
   */
  readonly probe?: Probes['linear']
}

/** What can be said of a coupling from samples and their noise. */
export function couplingFigures(
  { data, noise, condition, labels }: Omit<Pool, 'picked'>,
  rng: Rng,
): CouplingFigures {
  const stream = rng.fork('probe')
  const probes = condition
    ? probeCondition(noise, condition, stream)
    : labels && probeLabels(noise, labels, stream)
  return {
    distance: relativeDistance(data, noise, rng.fork('independent')),
    normEnergy: normEnergy(noise),
    ...(probes && { probe: probes.linear }),
  }
}
