import { entropy, entropyCeiling, totalVariation, totalVariationFloor } from '../evaluate/modes.ts'
import type { EvaluationRecord, ImageEvaluation, PlanEvaluation } from './record.ts'

/** A figure of an evaluation that arms are compared by. */
export interface Metric {
  readonly label: string
  readonly better: 'higher' | 'lower'
  /** The figure, or null where the task has none. */
  of(evaluation: EvaluationRecord): number | null
}

const ofPlans =
  (figure: (evaluation: PlanEvaluation) => number | null): Metric['of'] =>
  (evaluation) =>
    evaluation.type === 'evaluation' ? figure(evaluation) : null

const ofImages =
  (figure: (evaluation: ImageEvaluation) => number): Metric['of'] =>
  (evaluation) =>
    evaluation.type === 'images' ? figure(evaluation) : null

const shown = (modes: readonly number[]) => modes.reduce((sum, count) => sum + count, 0)

/** A figure of the modes' counts, null without an episode to count. */
const ofModes = (figure: (modes: readonly number[], total: number) => number): Metric['of'] =>
  ofPlans(({ modes }) => (modes && modes.length > 1 && shown(modes) > 0 ? figure(modes, shown(modes)) : null))

/** Every metric, by name. */
export const METRICS: Readonly<Record<string, Metric>> = {
  success: { label: 'success', better: 'higher', of: ofPlans(({ success }) => success) },
  'reward-max': { label: 'max reward', better: 'higher', of: ofPlans(({ rewardMax }) => rewardMax) },
  'reward-mean': { label: 'mean reward', better: 'higher', of: ofPlans(({ rewardMean }) => rewardMean) },
  'reward-final': { label: 'final reward', better: 'higher', of: ofPlans(({ rewardFinal }) => rewardFinal) },
  'energy-distance': {
    label: 'energy distance',
    better: 'lower',
    of: ofPlans(({ energyDistance }) => energyDistance),
  },
  'total-variation': {
    label: 'total variation of the modes above its floor',
    better: 'lower',
    of: ofModes((modes, total) => totalVariation(modes) - totalVariationFloor(modes.length, total)),
  },
  entropy: {
    label: 'entropy of the modes below its ceiling',
    better: 'lower',
    of: ofModes((modes, total) => entropyCeiling(modes.length, total) - entropy(modes)),
  },
  minority: {
    label: 'share of the rarest mode',
    better: 'higher',
    of: ofModes((modes, total) => Math.min(...modes) / total),
  },
  frechet: { label: 'Fréchet distance', better: 'lower', of: ofImages(({ frechet }) => frechet) },
  kernel: { label: 'kernel distance', better: 'lower', of: ofImages(({ kernel }) => kernel) },
  precision: { label: 'precision', better: 'higher', of: ofImages(({ precision }) => precision) },
  recall: { label: 'recall', better: 'higher', of: ofImages(({ recall }) => recall) },
}
