import test from 'ava'
import { createCoupling, probeCondition } from '../../src/coupling/index.ts'
import { normalRows } from '../../src/coupling/normal-rows.ts'
import { principal } from '../../src/coupling/principal.ts'
import { Rng } from '../../src/random/rng.ts'
import { type Rows, zeroRows } from '../../src/rows.ts'
import { twoWay } from './toy.ts'

/** Observations of many numbers: pictures, as it were, of a place, each pixel with noise of its own. */
function pictures(place: Rows, pixels: number, noise: number): Rows {
  const rng = Rng.seeded(1)
  const look = normalRows(rng, place.columns, pixels)
  const out = zeroRows(place.rows, pixels)
  rng.fillNormal(out.values)
  for (let i = 0; i < out.values.length; i++) {
    out.values[i] *= noise
    for (let k = 0; k < place.columns; k++) {
      out.values[i] +=
        place.values[Math.floor(i / pixels) * place.columns + k] * look.values[k * pixels + (i % pixels)]
    }
  }
  return out
}

test('the longest directions are found, and hold what explains the rows', (t) => {
  const place = normalRows(Rng.seeded(2), 400, 2)
  const found = principal(pictures(place, 120, 0.1))
  t.is(found.columns, 2)
  const energy = found.values.reduce((sum, value) => sum + value ** 2, 0) / 400
  // Standardised, 120 pixels have a variance of 120.
  t.true(energy > 115 && energy <= 120.1, String(energy))
  t.deepEqual(principal(zeroRows(5, 3)), zeroRows(5, 1))
  t.deepEqual(principal(pictures(place, 120, 0.1)), found)
})

test('cells of pictures are cut by what they show: noise tells the place only if noise cuts them', async (t) => {
  const { data, condition: place } = twoWay(3, 2048)
  const condition = pictures(place, 100, 0.6)
  const read = async (metric: string) => {
    const coupling = createCoupling({ type: 'local', metric, cell: 32, balance: 0 })
    const noise = await coupling.couple(data, Rng.seeded(4), { condition, batchSize: 64, step: 0 })
    const { linear } = probeCondition(noise, place, Rng.seeded(5))
    return linear.value - linear.limit
  }
  const [whitened, principal] = [await read('whitened'), await read('principal')]
  t.true(whitened > 0.08, String(whitened))
  t.true(principal < 0.06 && principal < whitened / 4, String(principal))
})
