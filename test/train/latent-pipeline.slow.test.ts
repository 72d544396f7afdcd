import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { exportLatent, sampleLatent } from '../../src/cli/latent.ts'
import { latentSchema } from '../../src/config/latent.ts'
import { openPipeline } from '../../src/pipeline/folder.ts'
import { readCheckpoint } from '../../src/run/checkpoint.ts'
import { config, folder, quiet, STEPS, trained } from './tiny-latent.ts'

const whole = join(folder, 'whole')

test('a run becomes a pipeline, which samples, and is fine-tuned', async (t) => {
  await trained(whole, config())
  const out = join(folder, 'exported')
  await exportLatent({ run: whole, out, half: false, onnx: true }, quiet)
  const pipeline = await openPipeline(out)
  const { tensors } = await readCheckpoint(join(whole, 'checkpoints', `step-0000000${STEPS}`), ['average'])
  t.deepEqual(await pipeline.weights('unet'), pipeline.unet.fromStateDict(tensors.average))
  t.like(pipeline.scheduler, { prediction_type: 'v_prediction', num_train_timesteps: 50, clip_sample: false })
  t.true(existsSync(join(out, 'unet', 'model.onnx')))
  t.true(existsSync(join(out, 'vae_decoder', 'model.onnx')))
  await t.throwsAsync(exportLatent({ run: whole, out, half: false, onnx: false }, quiet), {
    message: /something in .* already/,
  })

  const drawn = join(folder, 'drawn')
  for (const [sampler, guidance] of [
    ['pndm', 1],
    ['dpm-solver', 3],
  ] as const) {
    await sampleLatent(
      {
        pipeline: out,
        count: 2,
        classes: [],
        prompts: ['crane'],
        negative: 'bad',
        guidance,
        sampler,
        steps: 3,
        seed: 0,
        out: join(drawn, sampler),
      },
      quiet,
    )
    t.is(readdirSync(join(drawn, sampler, '0000-crane')).length, 2)
  }

  const tuned = join(folder, 'tuned')
  const { denoiser: _, ...rest } = config()
  const events = await trained(
    tuned,
    latentSchema.parse({
      ...rest,
      pipeline: out,
      denoiser: { from: 'pipeline' },
      process: undefined,
      coupling: { type: 'assignment' },
      training: { ...rest.training, steps: 2 },
    }),
  )
  t.deepEqual(
    events.flatMap((event) => (event.type === 'stage' ? [event.name] : [])),
    ['latents'],
  )
  t.regex(
    events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])).join(),
    /assignment.* ignores the class/,
  )
})
