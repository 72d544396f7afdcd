import { z } from 'zod'
import { zeroRows } from '../../rows.ts'
import { checkData } from '../checks.ts'
import { defineCoupling } from '../define.ts'
import { nearestOf, SCORES, type ScoreName } from '../nearest-candidate.ts'
import { count, describe } from '../settings.ts'

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
        const drawn = new Float32Array(candidates * data.columns)
        for (let i = 0; i < data.rows; i++) {
          rng.fillNormal(drawn)
          const start = nearestOf(SCORES[score], data, i, drawn, 0, candidates) * data.columns
          chosen.values.set(drawn.subarray(start, start + data.columns), i * data.columns)
        }
        return chosen
      },
    }
  },
)
