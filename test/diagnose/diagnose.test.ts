import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import twoWay from '../../envs/two-way/index.ts'
import { diagnoseRun } from '../../src/cli/diagnose.ts'
import { createOutput } from '../../src/cli/output.ts'
import { InputError } from '../../src/errors.ts'
import { createRun } from '../../src/run/run-folder.ts'
import { trainPlannerRun } from '../../src/train/planner-run.ts'
import { scratch } from '../scratch.ts'
import { demonstrationsIn, tinyConfig } from '../train/tiny.ts'

const folder = scratch()
const path = await demonstrationsIn(folder)
const config = (type: string) =>
  tinyConfig({ steps: 3, batch: 32 }, { coupling: { type }, demonstrations: { path } })

/** What a diagnosis records. */
async function diagnosed(run: string, page = join(run, 'diagnosis.html')) {
  const found: Record<string, unknown>[] = []
  const output = { ...createOutput(true), record: (value: object) => void found.push(value as never) }
  await diagnoseRun({
    run,
    which: 'latest',
    page,
    samples: 64,
    noises: 16,
    loadEnvironment: async () => twoWay,
    output,
  })
  // biome-ignore lint/suspicious/noExplicitAny: a record as a machine reads it
  return JSON.parse(JSON.stringify(found[0])) as any
}

test.serial('a run is diagnosed, the same every time', async (t) => {
  const run = join(folder, 'assigned')
  for await (const _ of trainPlannerRun({
    folder: run,
    config: config('assignment'),
    environment: twoWay.module,
    demonstrations: path,
  }));
  const found = await diagnosed(run)
  t.like(found, { type: 'diagnosis', coupling: { samples: 64, columns: 16 }, network: { step: 3 } })
  t.true(found.coupling.distance.relative < 0.97)
  t.true(found.coupling.probes.told && found.coupling.probes.of === 'observation')
  t.true(found.coupling.separation.effective > 0.5)
  t.is(found.network.response.network.places.length, 41)
  t.is(found.network.distinct.network.count, 16)
  t.true(found.network.response.ideal.range > found.network.response.network.range)
  t.deepEqual(await diagnosed(run), found)
  const page = readFileSync(join(run, 'diagnosis.html'), 'utf8')
  for (const shown of ['Response to the modes', 'What probes read of the observation', 'Network, one step']) {
    t.true(page.includes(shown), shown)
  }
})

test.serial('a run without a checkpoint is looked at as far as possible', async (t) => {
  const run = join(folder, 'new')
  await (await createRun(run, config('nearest'))).release()
  const found = await diagnosed(run)
  t.true(found.coupling.norm.energy < 0.95)
  t.is(found.network, undefined)
  t.regex(found.remarks.join(), /no checkpoint yet/)
})

test.serial('what cannot be diagnosed is said before anything is done', async (t) => {
  await t.throwsAsync(diagnosed(join(folder, 'absent')), { instanceOf: InputError, message: /no run folder/ })
  const page = join(folder, 'picture.png')
  await t.throwsAsync(diagnosed(join(folder, 'new'), page), {
    instanceOf: InputError,
    message: /ends in \.html/,
  })
  t.false(existsSync(page))
})
