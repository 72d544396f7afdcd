import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import { measurePaces } from '../../src/benchmark/pace.ts'
import { scratch } from '../scratch.ts'
import { demonstrationsIn } from '../train/tiny.ts'

test('arms are timed in turns, and a stop leaves nothing', async (t) => {
  const sources = { environment: twoWay.module, demonstrations: await demonstrationsIn(scratch()) }
  const controller = new AbortController()
  const turns: string[] = []
  const options = {
    rounds: 1,
    prepare: async () => sources,
    onProgress: (_: number, __: number, name: string) => void turns.push(name),
    signal: controller.signal,
  }
  const pairs = ['independent', 'local'].map((arm) => ({ task: 'two-way/small', arm }))
  const paces = await measurePaces(pairs, options)
  t.deepEqual(turns, ['two-way/small/independent/seed-0', 'two-way/small/local/seed-0'])
  t.deepEqual(
    paces!.map(({ task, arm }) => ({ task, arm })),
    pairs,
  )
  for (const { batch, compute, plan, planP95 } of paces!) {
    t.true(batch > 0 && compute > 0)
    t.deepEqual(Object.keys(plan!), ['1', '2', '4', '10'])
    for (const count of Object.keys(plan!)) t.true(planP95![count] >= plan![count])
  }
  controller.abort()
  t.is(await measurePaces(pairs, options), undefined)
})
