import test from 'ava'
import { InputError } from '../../src/errors.ts'
import { averageDecay } from '../../src/train/ema.ts'
import { type LearningRateShape, learningRate } from '../../src/train/learning-rate.ts'

test('the learning rate warms up from 0 and then follows its shape', (t) => {
  const ends: [LearningRateShape, number, number][] = [
    ['constant', 1, 1],
    ['linear', 0.5, 0],
    ['cosine', 0.5, 0],
  ]
  for (const [shape, halfway, end] of ends) {
    const rate = learningRate({ shape, rate: 2, warmup: 4, steps: 24 })
    t.deepEqual([0, 1, 2, 3, 4].map(rate), [0, 0.5, 1, 1.5, 2], shape)
    t.true(Math.abs(rate(14) - 2 * halfway) < 1e-12, shape)
    t.true(Math.abs(rate(24) - 2 * end) < 1e-12, shape)
  }
  t.is(learningRate({ shape: 'cosine', rate: 3, warmup: 0, steps: 5 })(0), 3)
  t.is(learningRate({ shape: 'linear', rate: 3, warmup: 0, steps: 5 })(9), 0)
})

test('a bad schedule is named', (t) => {
  const good = { shape: 'cosine', rate: 1, warmup: 0, steps: 5 } as const
  t.throws(() => learningRate({ ...good, shape: 'cosin' as never }), { message: /did you mean "cosine"/ })
  t.throws(() => learningRate({ ...good, rate: NaN }), { instanceOf: InputError, message: /"rate" is NaN/ })
  t.throws(() => learningRate({ ...good, warmup: -1 }), { instanceOf: InputError, message: /"warmup" is -1/ })
})

test('the average copies twice, then decays by the power law up to its limit', (t) => {
  t.deepEqual([averageDecay(0), averageDecay(1)], [0, 0])
  t.is(averageDecay(2), 1 - 2 ** -0.75)
  t.is(averageDecay(12, { updateAfter: 10 }), 1 - 2 ** -0.75)
  t.is(averageDecay(11, { updateAfter: 10 }), 0)
  t.is(averageDecay(1e9), 0.9999)
  t.is(averageDecay(3, { minimum: 0.9 }), 0.9)
  t.throws(() => averageDecay(3, { minimum: 0.9, maximum: 0.5 }), { instanceOf: InputError })
})
