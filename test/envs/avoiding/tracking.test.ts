import test from 'ava'
import fc from 'fast-check'
import {
  FREQUENCY,
  SUBSTEP,
  SUBSTEPS,
  trackedError,
  trackedVelocity,
} from '../../../envs/avoiding/tracking.ts'

const close = (a: number, b: number, tolerance: number) => Math.abs(a - b) <= tolerance

test('the closed form solves the spring equation', (t) => {
  // Semi-implicit Euler with steps of 0.1 µs as the reference.
  let error = 0.01
  let velocity = -0.2
  const h = 1e-7
  for (let k = 1; k <= 10; k++) {
    for (let i = 0; i < SUBSTEP / h - 0.5; i++) {
      velocity += h * (-2 * FREQUENCY * velocity - FREQUENCY ** 2 * error)
      error += h * velocity
    }
    t.true(close(trackedError(0.01, -0.2, k), error, 1e-7))
    t.true(close(trackedVelocity(0.01, -0.2, k), velocity, 1e-4))
  }
})

test('two motions after each other are one longer motion', (t) => {
  const number = fc.double({ min: -0.1, max: 0.1, noNaN: true })
  fc.assert(
    fc.property(number, number, fc.integer({ min: 0, max: SUBSTEPS }), (error, velocity, first) => {
      const middle = trackedError(error, velocity, first)
      const speed = trackedVelocity(error, velocity, first)
      const rest = SUBSTEPS - first
      t.true(close(trackedError(middle, speed, rest), trackedError(error, velocity, SUBSTEPS), 1e-15))
      t.true(close(trackedVelocity(middle, speed, rest), trackedVelocity(error, velocity, SUBSTEPS), 1e-13))
    }),
  )
})
