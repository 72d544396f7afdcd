import test from 'ava'
import fc from 'fast-check'
import { advance, type Level, replanAt, stepBy } from '../../viewer/client/playback.ts'

const timeline = { length: 20, replans: [0, 8, 16], denoiseSteps: 4, rate: 10 }

test('a step belongs to the replan before it', (t) => {
  t.deepEqual(
    [0, 7.9, 8, 15, 16, 20].map((step) => replanAt(timeline, step)),
    [0, 0, 1, 1, 2, 2],
  )
})

test('the episode plays at its own pace, with plans as they ended', (t) => {
  const { moment, ended } = advance('step', { step: 0, denoise: 0 }, timeline, 0.5)
  t.deepEqual(moment, { step: 5, denoise: 4 })
  t.false(ended)
  t.true(advance('step', moment, timeline, 10).ended)
})

test('denoising leaves the episode where it is', (t) => {
  const { moment } = advance('denoise', { step: 8, denoise: 0 }, timeline, 0.9)
  t.is(moment.step, 8)
  t.true(moment.denoise > 1 && moment.denoise < 4)
  t.true(advance('denoise', moment, timeline, 10).ended)
})

test('the robot denoises, carries out, and denoises anew', (t) => {
  let moment = { step: 0, denoise: 0 }
  let ended = false
  const noise: number[] = []
  for (let i = 0; i < 1000 && !ended; i++) {
    const next = advance('replan', moment, timeline, 1 / 60)
    if (next.moment.denoise === 0) noise.push(next.moment.step)
    // Never both at once.
    if (next.moment.step > moment.step) t.true(next.moment.denoise === 4 || next.moment.denoise === 0)
    moment = next.moment
    ended = next.ended
  }
  t.true(ended)
  t.deepEqual(noise, [8, 16])
  t.is(moment.step, 20)
})

test('nothing leads out of an episode', (t) => {
  const property = fc.property(
    fc.constantFrom<Level>('step', 'replan', 'denoise'),
    fc.double({ min: 0, max: 20, noNaN: true }),
    fc.double({ min: 0, max: 4, noNaN: true }),
    fc.array(fc.constantFrom(1 as const, -1 as const), { maxLength: 30 }),
    (level, step, denoise, directions) => {
      let moment = { step, denoise }
      for (const direction of directions) moment = stepBy(level, moment, timeline, direction)
      moment = advance(level, moment, timeline, 0.3).moment
      return moment.step >= 0 && moment.step <= 20 && moment.denoise >= 0 && moment.denoise <= 4
    },
  )
  t.notThrows(() => fc.assert(property))
})

test('replans are stepped through back and forth', (t) => {
  const at = (step: number, direction: 1 | -1) =>
    stepBy('replan', { step, denoise: 4 }, timeline, direction).step
  t.deepEqual([at(3, 1), at(8, 1), at(16, 1), at(3, -1), at(8, -1), at(0, -1)], [8, 16, 20, 0, 0, 0])
})
