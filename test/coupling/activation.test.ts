import test from 'ava'
import { activationBy } from '../../src/coupling/index.ts'

const criterion = { metric: 'success', threshold: 0.6, everyMode: true }
const evidence = (success: number, seen?: number) => ({
  step: 100,
  metrics: { success },
  ...(seen !== undefined && { modes: { seen, known: 2 } }),
})

test('a coupling is activated by a figure that suffices, with every known mode seen', (t) => {
  t.deepEqual(activationBy(criterion, evidence(0.6, 2)), {
    step: 100,
    metric: 'success',
    value: 0.6,
    threshold: 0.6,
    modes: { seen: 2, known: 2 },
  })
  t.is(activationBy(criterion, evidence(0.59, 2)), undefined)
  t.is(activationBy(criterion, evidence(1, 1)), undefined)
  t.truthy(activationBy({ ...criterion, everyMode: false }, evidence(1, 1)))
  // Where no modes are known, none can be missed.
  t.truthy(activationBy(criterion, evidence(0.7)))
  t.is(activationBy({ ...criterion, metric: 'reward' }, evidence(1, 2)), undefined)
  t.is(activationBy(criterion, evidence(NaN, 2)), undefined)
})
