import test from 'ava'
import avoiding from '../../envs/avoiding/index.ts'
import twoWay from '../../envs/two-way/index.ts'
import { collectDemonstrations, collectInTurns } from '../../src/data/collect.ts'
import { toEpisodes } from '../../src/data/dataset.ts'
import { InputError } from '../../src/errors.ts'

test('a larger dataset begins with the smaller one', (t) => {
  const small = collectDemonstrations(twoWay, { count: 3, seed: 1 })
  const large = collectDemonstrations(twoWay, { count: 5, seed: 1 })
  t.deepEqual(toEpisodes(large).slice(0, 3), toEpisodes(small))
})

test('demonstrations depend on the seed and differ from each other', (t) => {
  const collected = (seed: number) => collectDemonstrations(twoWay, { count: 4, seed })
  t.deepEqual(collected(1), collected(1))
  t.notDeepEqual(collected(1).columns, collected(2).columns)
  const [first, , third] = toEpisodes(collected(1))
  t.notDeepEqual(first.columns, third.columns)
})

for (const environment of [twoWay, avoiding]) {
  test(`demonstration i shows mode i mod K: ${environment.name}`, (t) => {
    const modes = environment.dynamics.modes!.names.length
    const dataset = collectDemonstrations(environment, { count: 2 * modes, seed: 0 })
    t.deepEqual(
      [...dataset.mode!],
      [...dataset.mode!.keys()].map((i) => i % modes),
    )
    t.true(dataset.success!.every((success) => success === 1))
  })
}

test('a dataset says where it comes from, and collecting reports each episode', (t) => {
  const reports: number[][] = []
  const onProgress = (...report: number[]) => reports.push(report)
  const { attributes } = collectDemonstrations(twoWay, { count: 3, seed: 7, onProgress })
  t.deepEqual(attributes, { environment: 'two-way', seed: 7 })
  t.deepEqual(reports, [
    [1, 3],
    [2, 3],
    [3, 3],
  ])
})

test('collecting in turns gives the same, lets other work go on, and stops when told to', async (t) => {
  const options = { count: 4, seed: 3 }
  let others = 0
  setImmediate(() => others++)
  t.deepEqual(await collectInTurns(twoWay, options), collectDemonstrations(twoWay, options))
  t.is(others, 1)

  const controller = new AbortController()
  let done = 0
  const onProgress = (count: number) => {
    done = count
    if (count === 2) setImmediate(() => controller.abort('enough'))
  }
  const stopped = collectInTurns(twoWay, { count: 1e6, seed: 0, onProgress }, controller.signal)
  t.is(await stopped.catch((reason) => reason), 'enough')
  t.true(done < 5)
})

test('an environment without an expert is refused with what to do', (t) => {
  const { demonstrate, ...silent } = twoWay
  t.is(typeof demonstrate, 'function')
  t.throws(() => collectDemonstrations(silent, { count: 1, seed: 0 }), {
    instanceOf: InputError,
    message: /"two-way" has no expert.*demonstrations\.path/,
  })
  t.throws(() => collectDemonstrations(twoWay, { count: 0, seed: 0 }), { instanceOf: InputError })
})
