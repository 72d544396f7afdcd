import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { diagnoseRun } from '../../src/cli/diagnose.ts'
import { createOutput } from '../../src/cli/output.ts'
import { openGenerator, sampleImages } from '../../src/cli/sample.ts'
import { type ImageInput, imageSchema } from '../../src/config/images.ts'
import { InputError } from '../../src/errors.ts'
import { trainImageRun } from '../../src/train/image-run.ts'
import type { RunEvent } from '../../src/train/run-events.ts'
import { writeHalves } from '../data/images/idx-files.ts'
import { scratch } from '../scratch.ts'

const folder = scratch()
const source = { type: 'idx' as const, ...writeHalves(folder, 40, 8) }

const configOf = (others: Partial<ImageInput> = {}) =>
  imageSchema.parse({
    images: { source },
    network: { type: 'image-unet', base: 32, multiples: [1] },
    sampler: { type: 'euler', steps: 2 },
    training: { steps: 4, batch: 4, logEvery: 2, checkpointEvery: 2, evaluateEvery: 4, validateEvery: 4 },
    samples: { every: 2, count: 4 },
    evaluation: { count: 8 },
    engine: { threads: 1 },
    ...others,
  })

async function collected(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

test.serial('a run draws grids, measures samples and resumes with the same bytes', async (t) => {
  const config = configOf({ classes: {}, coupling: { type: 'grouped' }, samples: { every: 3, count: 4 } })
  const whole = join(folder, 'whole')
  const events = await collected(trainImageRun({ folder: whole, config }))
  t.like(events[0], { type: 'started', steps: 4, samples: 39 })
  t.deepEqual(
    events.filter(({ type }) => type === 'samples').map((event) => 'step' in event && event.step),
    [3, 4],
  )
  t.true(existsSync(join(whole, 'samples', 'step-00000004.png')))
  const figures = events.find(({ type }) => type === 'figures')
  t.true(figures?.type === 'figures' && Number.isFinite(figures.figures['evaluation/frechet']))

  const stopped = join(folder, 'stopped')
  const controller = new AbortController()
  for await (const event of trainImageRun({ folder: stopped, config }, controller.signal)) {
    // Also while samples are drawn, a stop leaves a checkpoint.
    if (event.type === 'samples') controller.abort()
  }
  const rest = await collected(trainImageRun({ folder: stopped }))
  t.like(rest[0], { type: 'started', from: 3 })
  const bytes = (run: string, file: string) => readFileSync(join(run, file))
  for (const file of ['metrics.jsonl', 'samples/step-00000004.png']) {
    t.deepEqual(bytes(stopped, file), bytes(whole, file), file)
  }

  const page = join(whole, 'diagnosis.html')
  await diagnoseRun({
    run: whole,
    which: 'latest',
    page,
    samples: 16,
    noises: 4,
    output: { ...createOutput(true), record() {} },
    loadEnvironment: async () => Promise.reject(new Error('Images have no environment.')),
  })
  t.regex(readFileSync(page, 'utf8'), /What probes read of the class.*data:image\/png/s)
})

test.serial('images are sampled from a run, each once', async (t) => {
  const out = join(folder, 'out')
  const output = createOutput(true)
  const lines: object[] = []
  const request = {
    run: join(folder, 'whole'),
    which: 'latest' as const,
    batch: 2,
    count: 3,
    seed: 1,
    out,
    output: { ...output, record: (line: object) => lines.push(line) },
  }
  await sampleImages(request)
  await sampleImages({ ...request, count: 5, solver: 'heun', steps: 1 })
  t.like(lines[0], { made: 3, evaluations: 2 })
  // Heun's method evaluates twice a step.
  t.like(lines[1], { made: 2, evaluations: 2 })
  t.true(existsSync(join(out, '0', '000000.png')) && existsSync(join(out, '1', '000001.png')))
  t.true(existsSync(join(out, 'grid.png')))
  await t.throwsAsync(sampleImages({ ...request, className: 'x' }), {
    instanceOf: InputError,
    message: /no class "x"; there are: 0, 1/,
  })
  await t.throwsAsync(sampleImages({ ...request, image: 'a.png' }), { message: /--image and --mask/ })
  await t.throwsAsync(openGenerator({ ...request, solver: 'ddim' }, output), {
    message: /"ddim" does not fit/,
  })
})

test.serial('what does not fit is told before there is a folder', async (t) => {
  const path = join(folder, 'never')
  const refuse = async (others: Partial<ImageInput>, message: RegExp) => {
    await t.throwsAsync(collected(trainImageRun({ folder: path, config: configOf(others) })), {
      instanceOf: InputError,
      message,
    })
    t.false(existsSync(path))
  }
  await refuse({ images: { source: { type: 'idx', images: join(folder, 'no') } } }, /Cannot read/)
  await refuse(
    { images: { source: { type: 'idx', images: source.images } }, classes: {} },
    /the images have none; set classes to null/,
  )
  await refuse({ sampler: { type: 'ddim', steps: 2 } }, /"ddim" does not fit/)
})
