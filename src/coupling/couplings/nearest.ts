import { z } from 'zod'
import { zeroRows } from '../../rows.ts'
import { checkData } from '../checks.ts'
import { defineCoupling } from '../define.ts'
import { nearestOf, SCORES, type ScoreName } from '../nearest-candidate.ts'
import { count, describe } from '../settings.ts'

/** Numbers drawn at once, at most, unless one sample needs more. */
const DRAWN = 1 << 15

/**
 * K nearest neighbours (Improved Immiscible Diffusion, arXiv 2505.18521): each sample draws `candidates` rows
 * of noise and keeps the nearest. With one candidate it is `independent`, number for number.
 *
 * It changes the marginal that samplers start from: with `l2` the chosen noise is too short, E‖n‖²/D ≈
 * 1 − 2·m/√((2 + 4s²)·D) for data of energy s² per dimension, where m is 0.56, 1.42, 2.38 for 2, 8, 64
 * candidates; with `cosine` the norm is exact, and only the direction is chosen.
 */
export const nearest = defineCoupling(
  'nearest',
  {
    candidates: count.default(8).describe('rows of noise that each sample draws to choose from'),
    score: z.enum(Object.keys(SCORES) as [ScoreName, ...ScoreName[]]).default('l2'),
  },
  (settings) => {
    const { candidates, score } = settings
    const name = describe('nearest', settings)
    return {
      name,
      conditionBlind: candidates > 1,
      poolBatches: 1,
      async couple(data, rng) {
        checkData(name, data)
        const chosen = zeroRows(data.rows, data.columns)
        const { columns } = data
        // Candidates of several samples are drawn at once where they are few: the same numbers, faster.
        const group = Math.max(1, Math.min(data.rows, Math.floor(DRAWN / (candidates * columns))))
        const drawn = new Float32Array(group * candidates * columns)
        for (let first = 0; first < data.rows; first += group) {
          const count = Math.min(group, data.rows - first)
          rng.fillNormal(drawn.subarray(0, count * candidates * columns))
          for (let i = 0; i < count; i++) {
            const own = i * candidates
            const best = own + nearestOf(SCORES[score], data, first + i, drawn, own, candidates)
            chosen.values.set(drawn.subarray(best * columns, (best + 1) * columns), (first + i) * columns)
          }
        }
        return chosen
      },
    }
  },
)
