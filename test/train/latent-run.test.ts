import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import sharp from 'sharp'
import { diagnoseRun } from '../../src/cli/diagnose.ts'
import { sampleLatent } from '../../src/cli/latent.ts'
import type { LatentInput } from '../../src/config/latent.ts'
import { InputError } from '../../src/errors.ts'
import { openPipeline } from '../../src/pipeline/folder.ts'
import type { RunEvent } from '../../src/train/run-events.ts'
import { readSafetensors } from '../../src/weights/safetensors.ts'
import { config, folder, quiet, STEPS, trained } from './tiny-latent.ts'

const names = (events: RunEvent[]) => events.map(({ type }) => type)
const whole = join(folder, 'whole')

test.serial('an autoencoder is trained, then the denoiser on its latents', async (t) => {
  const events = await trained(whole, config())
  t.deepEqual(
    events.flatMap((event) => (event.type === 'stage' ? [event.name] : [])),
    ['autoencoder', 'latents'],
  )
  const started = events.flatMap((event) => (event.type === 'started' ? [event.samples] : []))
  // Of 20 images 4 are held out; the denoiser sees them mirrored too.
  t.deepEqual(started, [16, 32])
  t.true(names(events).includes('validation'))
  t.deepEqual(events.at(-1), { type: 'finished', step: STEPS, complete: true })
  const grid = readFileSync(join(whole, 'samples', `step-0000000${STEPS}.png`))
  t.is((await sharp(grid).metadata()).format, 'png')
  const { tensors } = await readSafetensors(join(whole, 'parts', 'latents.safetensors'))
  t.deepEqual(tensors.posteriors.shape, [40, 2, 4 * 4 * 4])
  const { vae } = await openPipeline(join(whole, 'parts', 'pipeline'))
  t.true(vae.scale > 0 && vae.scale !== 0.18215)
})

test.serial('a run stopped anywhere ends with the same bytes', async (t) => {
  const last = join('checkpoints', `step-0000000${STEPS}`)
  const bytes = (run: string) =>
    Object.fromEntries(
      [
        'metrics.jsonl',
        join('parts', 'latents.safetensors'),
        ...readdirSync(join(run, last)).map((name) => join(last, name)),
      ].map((name) => [name, readFileSync(join(run, name)).toString('base64')]),
    )
  // Once in the autoencoder's training, and once in the denoiser's.
  const run = join(folder, 'stopped')
  for (const [given, stopAt] of [
    [config(), 2],
    [undefined, 2 + 3],
    [undefined, -1],
  ] as const) {
    const events = await trained(run, given, stopAt)
    const { type, ...last } = events.at(-1) as Extract<RunEvent, { type: 'finished' }>
    t.deepEqual(last, stopAt < 0 ? { step: STEPS, complete: true } : { step: given ? 2 : 3, complete: false })
    t.is(existsSync(join(run, 'config.json')), given === undefined)
  }
  const [found, expected] = [bytes(run), bytes(whole)]
  for (const name of Object.keys(expected)) t.is(found[name], expected[name], name)
})

test.serial('a run of latent diffusion is diagnosed', async (t) => {
  const page = join(folder, 'diagnosis.html')
  const loadEnvironment = async () => Promise.reject(new Error('Images have no environment.'))
  const output = { ...quiet, record() {} }
  await diagnoseRun({ run: whole, which: 'latest', page, samples: 16, noises: 2, output, loadEnvironment })
  t.regex(readFileSync(page, 'utf8'), /What probes read of the class.*data:image\/png/s)
})

test.serial('images are made one by one, two classes of one name apart, and none is dropped', async (t) => {
  const out = join(folder, 'images-7')
  const options = { run: whole, classes: [], prompts: [], negative: '', seed: 5, out }
  await sampleLatent({ ...options, count: 7, batch: 3 }, quiet)
  const made = (path: string) =>
    readdirSync(path).filter((name) => name.endsWith('.png') && name !== 'grid.png')
  t.deepEqual(readdirSync(out).sort(), ['0000-crane', '0001-crane', 'grid.png', 'settings.json'])
  t.deepEqual(made(join(out, '0000-crane')), ['000000.png', '000002.png', '000004.png', '000006.png'])
  t.deepEqual(made(join(out, '0001-crane')), ['000001.png', '000003.png', '000005.png'])
  const { height } = await sharp(join(out, '0001-crane', '000001.png')).metadata()
  t.is(height, 8)
  await t.throwsAsync(sampleLatent({ ...options, count: 7, seed: 6 }, quiet), {
    instanceOf: InputError,
    message: /made with other settings/,
  })
  await t.throwsAsync(sampleLatent({ ...options, count: 1, classes: ['crane'], out: `${out}-b` }, quiet), {
    message: /2 classes are named "crane"; say which by its number: 0 or 1/,
  })
  // One of them again, alone.
  const alone = join(folder, 'alone')
  cpSync(out, alone, { recursive: true, filter: (from) => !from.endsWith('000004.png') })
  await sampleLatent({ ...options, count: 7, batch: 3, out: alone }, quiet)
  const [first, second] = await Promise.all(
    [out, alone].map((path) =>
      sharp(join(path, '0000-crane', '000004.png'))
        .raw()
        .toBuffer(),
    ),
  )
  t.true(first.every((value, i) => Math.abs(value - second[i]) <= 1))
})

test.serial('what cannot be trained is refused before there is a folder', async (t) => {
  const refused = async (more: Partial<LatentInput>, message: RegExp) => {
    const run = join(folder, 'refused')
    await t.throwsAsync(trained(run, config(more)), { instanceOf: InputError, message })
    t.false(existsSync(join(run, 'config.json')))
  }
  await refused({ pipeline: join(folder, 'nowhere') }, /nowhere \(ENOENT\)/)
  await refused({ captions: { path: join(folder, 'none.txt') } }, /none.txt \(ENOENT\)/)
  const one = join(folder, 'one.txt')
  await writeFile(one, 'crane\n')
  await refused({ captions: { path: one } }, /has 1 lines for 2 classes/)
  await t.throwsAsync(trained(whole, config()), { message: /There is a run in .* already/ })
  const begun = join(folder, 'begun')
  await trained(begun, config(), 1)
  await t.throwsAsync(trained(begun, config({ seed: 4 })), { message: /begun with other settings/ })
})
