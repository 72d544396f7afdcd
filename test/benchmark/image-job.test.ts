import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { createJob, EVALUATIONS } from '../../src/benchmark/job.ts'
import { runJob } from '../../src/benchmark/run-job.ts'
import { imagePng } from '../../src/generate/grid.ts'
import { Rng } from '../../src/random/rng.ts'
import { scratch } from '../scratch.ts'

/** A folder of a few small pictures, each of its own brightness. */
async function pictures(): Promise<string> {
  const folder = join(scratch(), 'pictures')
  mkdirSync(folder)
  const rng = Rng.seeded(1)
  for (let i = 0; i < 24; i++) {
    const pixels = Uint8Array.from({ length: 64 }, () => Math.round(10 * i + 20 * rng.uniform()))
    writeFileSync(join(folder, `${i}.png`), await imagePng(pixels, { height: 8, width: 8, colors: 1 }))
  }
  return folder
}

test('an image generator is trained, measured at every number of evaluations, and goes on after a kill', async (t) => {
  t.timeout(120_000)
  const path = await pictures()
  const job = createJob('digits/unet', 'nearest', 0, (config) => {
    Object.assign(config.training!, { steps: 2, checkpointEvery: 1, validateEvery: 2, batch: 4, warmup: 1 })
    Object.assign(config.evaluation!, { count: 8, features: 'pixels' })
    Object.assign(config.network!, { multiples: [1] })
    Object.assign(config, { images: { source: { type: 'folder', path, colors: 1 }, size: 8 } })
  })
  const folder = join(scratch(), 'run')
  const request = { job, folder, show: true, shared: new Int32Array(new SharedArrayBuffer(8)) }
  const result = await runJob(request)
  t.deepEqual(
    result?.evaluations.map(({ type, step, evaluations }) => [type, step, evaluations]),
    [1, 2].flatMap((step) => EVALUATIONS.map((count) => ['images', step, count])),
  )
  t.true(result!.evaluations.every((one) => one.type === 'images' && one.frechet > 0 && one.images === 8))
  // Of four noises the nearest to each image is shorter than most.
  t.true(result!.job.pairing.normEnergy < 1)
  for (const count of ['1', '10']) {
    t.is(Buffer.from(result!.job.pictures![count], 'base64').toString('latin1', 1, 4), 'PNG')
  }
  const before = readFileSync(join(folder, 'evaluations.jsonl'), 'utf8')
  rmSync(join(folder, 'result.json'))
  const again = await runJob(request)
  t.deepEqual(again?.evaluations, result?.evaluations)
  t.deepEqual(again?.job, result?.job)
  t.is(readFileSync(join(folder, 'evaluations.jsonl'), 'utf8'), before)
})
