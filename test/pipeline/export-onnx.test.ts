import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import * as ort from 'onnxruntime-node'
import { autoencoderKl, autoencoderKlSchema } from '../../src/models/autoencoder-kl.ts'
import { decoderToOnnx } from '../../src/pipeline/export-onnx.ts'
import { Rng } from '../../src/random/rng.ts'
import { scratch } from '../scratch.ts'

test('weights beside the model give what weights within it give', async (t) => {
  const folder = scratch()
  const vae = autoencoderKl(
    autoencoderKlSchema.parse({
      sample_size: 8,
      block_out_channels: [8, 16],
      norm_num_groups: 2,
      down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
      up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
    }),
  )
  const weights = vae.init(Rng.seeded(1))
  const shape = { batch: 1, height: 2, width: 2, tokens: 1 }
  const whole = decoderToOnnx(vae, weights, shape)
  const parted = decoderToOnnx(vae, weights, shape, 1000)
  t.is(whole.weights, undefined)
  t.is(parted.weights?.name, 'weights.pb')
  t.true(parted.model.byteLength < whole.model.byteLength / 2)
  writeFileSync(join(folder, 'weights.pb'), Buffer.concat(parted.weights!.pieces))
  const path = join(folder, 'model.onnx')
  writeFileSync(path, parted.model)
  const latents = Rng.seeded(2).fillNormal(new Float32Array(16))
  const outputs: ort.Tensor[] = []
  for (const source of [whole.model, path]) {
    const session = await ort.InferenceSession.create(source as string, { intraOpNumThreads: 1 })
    const { sample } = await session.run({ latent_sample: new ort.Tensor('float32', latents, [1, 4, 2, 2]) })
    outputs.push(sample)
    await session.release()
  }
  t.deepEqual(outputs[0].dims, [1, 3, 4, 4])
  t.deepEqual(outputs[1].data, outputs[0].data)
})
