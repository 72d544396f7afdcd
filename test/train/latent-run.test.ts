import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import sharp from 'sharp'
import { diagnoseRun } from '../../src/cli/diagnose.ts'
import { sampleLatent } from '../../src/cli/latent.ts'
import type { LatentInput } from '../../src/config/latent.ts'
import { InputError } from '../../src/errors.ts'
import { openPipeline } from '../../src/pipeline/folder.ts'
import { trainLatentRun } from '../../src/train/latent-run.ts'
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

test.serial('a run stopped in either training ends with the same bytes', async (t) => {
  const stopped = join(folder, 'stopped')
  const last = join('checkpoints', `step-0000000${STEPS}`)
  const same = (...files: string[]) => {
    for (const file of files) {
      t.true(readFileSync(join(stopped, file)).equals(readFileSync(join(whole, file))), file)
    }
  }
  const inFolder = (path: string) => readdirSync(join(whole, path)).map((name) => join(path, name))
  // Before the autoencoder's first step, after which the settings stand.
  const controller = new AbortController()
  const events: RunEvent[] = []
  for await (const event of trainLatentRun({ folder: stopped, config: config() }, controller.signal)) {
    events.push(event)
    controller.abort()
  }
  t.deepEqual(events.at(-1), { type: 'finished', step: 0, complete: false })
  t.false(existsSync(join(stopped, 'config.json')))
  await t.throwsAsync(trained(stopped, config({ seed: 4 })), { message: /begun with other settings/ })
  // What is there when it is killed after the autoencoder's last checkpoint but one, and then once more as the
  // denoiser's training is about to begin.
  const autoencoder = join('parts', 'autoencoder')
  cpSync(join(whole, autoencoder), join(stopped, autoencoder), { recursive: true })
  rmSync(join(stopped, autoencoder, 'checkpoints', 'step-00000004'), { recursive: true })
  const starts: number[] = []
  for await (const event of trainLatentRun({ folder: stopped })) {
    if (event.type === 'started') starts.push(event.from)
    if (starts.length === 2) break
  }
  t.deepEqual(starts, [2, 0])
  same(join('parts', 'latents.safetensors'), ...inFolder(join('parts', 'pipeline', 'vae')))
  // What is there when it is killed after its last checkpoint but one.
  for (const name of ['checkpoints', 'metrics.jsonl']) {
    cpSync(join(whole, name), join(stopped, name), { recursive: true })
  }
  rmSync(join(stopped, last), { recursive: true })
  const rest = await trained(stopped)
  t.like(rest[0], { type: 'started', from: STEPS - 2 })
  t.deepEqual(rest.at(-1), { type: 'finished', step: STEPS, complete: true })
  same('metrics.jsonl', ...inFolder(last))
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
    t.false(existsSync(run))
  }
  await refused({ pipeline: join(folder, 'nowhere') }, /nowhere \(ENOENT\)/)
  await refused({ captions: { path: join(folder, 'none.txt') } }, /none.txt \(ENOENT\)/)
  const one = join(folder, 'one.txt')
  await writeFile(one, 'crane\n')
  await refused({ captions: { path: one } }, /has 1 lines for 2 classes/)
  // What would come up after the autoencoder's training only.
  const { images, denoiser } = config()
  await refused({ images: { ...images, size: 9 } }, /not a multiple of the 2 pixels of a latent/)
  await refused(
    { denoiser: { ...denoiser, widths: [8, 8, 8, 8] } },
    /a U-Net of 4 levels, which takes multiples of 8/,
  )
  await refused({ sampler: { type: 'consistency', steps: 1, sigma: 1 } }, /"consistency" does not fit/)
  await t.throwsAsync(trained(whole, config()), { message: /There is a run in .* already/ })
})
