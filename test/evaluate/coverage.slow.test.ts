import test from 'ava'
import { BOOTSTRAP_PAIRS, holm, pairedDifference } from '../../src/evaluate/paired.ts'
import { Rng } from '../../src/random/rng.ts'

const SIMULATIONS = 10_000
const EPISODES = 100

/** Success of one arm over test episodes: binomial, as evaluations are. */
function success(rate: number, rng: Rng): number {
  let count = 0
  for (let i = 0; i < EPISODES; i++) count += Number(rng.uniform() < rate)
  return count / EPISODES
}

/**
 * Simulated benchmarks: each seed has a level of its own, which its two arms share, and an effect that varies
 * around the known one; episodes add binomial noise.
 */
function simulate(seeds: number, effect: number, rng: Rng): { a: number[]; b: number[] } {
  const pairs = Array.from({ length: seeds }, () => {
    const level = 0.5 + 0.1 * rng.normal()
    const own = effect + 0.05 * rng.normal()
    const clamp = (rate: number) => Math.min(1, Math.max(0, rate))
    return [success(clamp(level + own), rng), success(clamp(level), rng)] as const
  })
  return { a: pairs.map(([a]) => a), b: pairs.map(([, b]) => b) }
}

for (const seeds of [3, 5, 10, 20]) {
  test(`${seeds} seeds: 95 % intervals hold a known effect in 95 % of ${SIMULATIONS} benchmarks`, (t) => {
    t.timeout(600_000)
    const rng = Rng.seeded(seeds)
    const held = { t: 0, bootstrap: 0 }
    for (let i = 0; i < SIMULATIONS; i++) {
      const { a, b } = simulate(seeds, 0.1, rng)
      const difference = pairedDifference(a, b, rng.fork('bootstrap', i))
      held.t += Number(difference.t.low <= 0.1 && 0.1 <= difference.t.high)
      held.bootstrap += Number(difference.bootstrap.low <= 0.1 && 0.1 <= difference.bootstrap.high)
    }
    const [student, bootstrap] = [held.t / SIMULATIONS, held.bootstrap / SIMULATIONS]
    t.log(`coverage: t ${student}, bootstrap ${bootstrap}`)
    t.true(Math.abs(student - 0.95) <= 0.02, `t: ${student}`)
    // Too few distinct resamples: the reason why the t interval decides.
    if (seeds < BOOTSTRAP_PAIRS) t.true(bootstrap < 0.93, `bootstrap: ${bootstrap}`)
    else t.true(Math.abs(bootstrap - 0.95) <= 0.02, `bootstrap: ${bootstrap}`)
  })
}

test('an arm against itself is found different in 5 % of all benchmarks, and in one of ten comparisons after Holm too', (t) => {
  t.timeout(600_000)
  const rng = Rng.seeded(7)
  let single = 0
  let family = 0
  const families = SIMULATIONS / 10
  for (let i = 0; i < families; i++) {
    const p = Array.from({ length: 10 }, () => {
      const { a, b } = simulate(5, 0, rng)
      return pairedDifference(a, b, rng.fork('bootstrap', i)).p
    })
    single += p.filter((value) => value < 0.05).length
    family += Number(holm(p).some((value) => value < 0.05))
  }
  t.true(Math.abs(single / SIMULATIONS - 0.05) < 0.02, `single: ${single / SIMULATIONS}`)
  t.true(family / families < 0.07, `family: ${family / families}`)
})
