import { z } from 'zod'
import { InputError } from '../../errors.ts'
import type { Coupling } from '../coupling.ts'
import { defineWrapper } from '../define.ts'
import { independent } from './independent.ts'

/**
 * Independent noise at first, then another coupling: from training step `step` on, or from the first evaluation on
 * whose figure `metric` reaches `threshold` with every known mode seen at least once. Immiscible Diffusion Policy
 * (arXiv 2610.09369) trains with a fixed epoch and states the second criterion, with a success of 0.6. A pool is
 * decided as a whole, by its first batch.
 */
export const after = defineWrapper(
  'after',
  {
    step: z.int().min(0).optional().describe('first training step with the coupling'),
    metric: z
      .string()
      .min(1)
      .optional()
      .describe('figure of the evaluations to wait for, such as success, instead of a step'),
    threshold: z.number().optional().describe('the least value of the metric that will do; 0.6 by default'),
    everyMode: z
      .boolean()
      .optional()
      .describe('wait until every known mode was seen in the evaluation too; true by default'),
  },
  ({ step, metric, threshold = 0.6, everyMode = true }, inner) => {
    if ((step === undefined) === (metric === undefined)) {
      throw new InputError(
        `The coupling after needs either a step or a metric to wait for, not ${step === undefined ? 'neither' : 'both'}; give one.`,
      )
    }
    const before = independent()
    const switched = (name: string, active: (context: Parameters<Coupling['couple']>[2]) => boolean) => ({
      name: `after(${name}, ${inner.name})`,
      conditionBlind: inner.conditionBlind,
      poolBatches: inner.poolBatches,
      couple: ((data, rng, context) =>
        (active(context) ? inner : before).couple(data, rng, context)) as Coupling['couple'],
    })
    if (metric === undefined) return switched(`step=${step}`, (context) => context.step >= step!)
    return {
      ...switched(
        `${metric}>=${threshold}${everyMode ? ', every mode' : ''}`,
        ({ step: at, activeSince }) => activeSince !== undefined && at >= activeSince,
      ),
      awaits: { metric, threshold, everyMode },
    }
  },
)
