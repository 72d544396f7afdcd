import test from 'ava'
import fc from 'fast-check'
import { downsampleMask, invertMask, validationMask } from '../../src/data/split.ts'
import { Rng } from '../../src/random/rng.ts'
import { fixtureJson } from './fixture.ts'

const sum = (mask: Uint8Array) => mask.reduce((total, value) => total + value, 0)

test('as many episodes are held out and kept as diffusion_policy takes', (t) => {
  for (const { val_ratio, seed, max_train_episodes, val_mask, train_mask } of fixtureJson(
    'replay_buffer/replay_buffer.json',
  ).masks) {
    const rng = Rng.seeded(seed)
    const validation = validationMask(val_mask.length, val_ratio, rng)
    t.is(sum(validation), val_mask.filter(Boolean).length)
    const train = downsampleMask(invertMask(validation), max_train_episodes ?? Number.POSITIVE_INFINITY, rng)
    t.is(sum(train), train_mask.filter(Boolean).length)
    t.true(train.every((value, episode) => value + validation[episode] <= 1))
  }
})

test('at least one episode on either side, the same for the same seed', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 50 }),
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      fc.nat(),
      (n, ratio, seed) => {
        const mask = validationMask(n, ratio, Rng.seeded(seed))
        t.true(sum(mask) >= 1 && sum(mask) <= n - 1)
        t.deepEqual(mask, validationMask(n, ratio, Rng.seeded(seed)))
        const kept = downsampleMask(mask, 3, Rng.seeded(seed))
        t.is(sum(kept), Math.min(3, sum(mask)))
        t.true(kept.every((value, episode) => value <= mask[episode]))
      },
    ),
  )
  t.is(sum(validationMask(5, 0, Rng.seeded(1))), 0)
  t.notDeepEqual(validationMask(50, 0.5, Rng.seeded(1)), validationMask(50, 0.5, Rng.seeded(2)))
})
