import test from 'ava'
import { tf } from '../../src/engine/tf.ts'
import { InputError } from '../../src/errors.ts'
import {
  autoencoderKl,
  autoencoderKlSchema,
  klDivergence,
  samplePosterior,
} from '../../src/models/autoencoder-kl.ts'
import {
  channelsFirst,
  channelsLast,
  checkCase,
  checkOutputs,
  loadCase,
  type Model,
  withSmallWeights,
} from './diffusers.ts'
import { close } from './fixture.ts'
import { runners } from './runners.ts'

const [eager, onnx] = runners

const loaded = await loadCase('autoencoder_kl')
const model = autoencoderKl(autoencoderKlSchema.parse(loaded.fixture.config))
const INPUTS = ['image', 'eps', 'z']

const fn: Model = (parameters, { image, eps, z, target }) => {
  const posterior = model.encode(parameters, channelsLast(image))
  const sample = samplePosterior(posterior, channelsLast(eps))
  const reconstruction = channelsFirst(model.decode(parameters, sample))
  const error = tf.mean(tf.squaredDifference(reconstruction, target))
  return {
    mean: channelsFirst(posterior.mean),
    logvar: channelsFirst(posterior.logVariance),
    sample: channelsFirst(sample),
    decoded: channelsFirst(model.decode(parameters, channelsLast(z))),
    reconstruction,
    loss: tf.add(error, tf.mul(klDivergence(posterior), 1e-3)),
  }
}

test('posterior, images, loss and every gradient match diffusers', async (t) => {
  await checkCase(t, onnx, model, loaded, fn, INPUTS)
  const small = await withSmallWeights(onnx, model, loaded, fn, INPUTS)
  for (const name of ['mean', 'logvar', 'decoded']) {
    const peer = loaded.tensors[`out.${name}_small_weights`].values
    close(t, small[name].values, peer, loaded.fixture.tolerance.small_weights, name)
  }
})

// The plain JavaScript backend takes a minute for these gradients.
test('outputs match diffusers without compiling', async (t) => {
  await checkOutputs(t, eager, model, loaded, fn, INPUTS)
})

test('names and shapes are those of the peer’s state dict, in and out', (t) => {
  const back = model.toStateDict(model.fromStateDict(loaded.state))
  t.deepEqual(Object.keys(back).sort(), Object.keys(loaded.state).sort())
  for (const [name, { shape, values }] of Object.entries(loaded.state)) {
    t.deepEqual(back[name].shape, shape, name)
    t.deepEqual(back[name].values, values, name)
  }
  t.true(model.decodes('post_quant_conv.weight'))
  t.false(model.decodes('quant_conv.weight'))
})

test('the autoencoder of Stable Diffusion has as many parameters as published', (t) => {
  const four = (type: string) => Array.from({ length: 4 }, () => type)
  const { parameters, factor } = autoencoderKl(
    autoencoderKlSchema.parse({
      block_out_channels: [128, 256, 512, 512],
      layers_per_block: 2,
      down_block_types: four('DownEncoderBlock2D'),
      up_block_types: four('UpDecoderBlock2D'),
    }),
  )
  const total = Object.values(parameters).reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  )
  t.is(total, 83_653_863)
  t.is(factor, 8)
})

test('what is not supported is named', (t) => {
  const refused = (settings: object, message: RegExp) =>
    t.throws(() => autoencoderKl(autoencoderKlSchema.parse(settings)), { instanceOf: InputError, message })
  refused({ down_block_types: ['AttnDownEncoderBlock2D'] }, /"AttnDownEncoderBlock2D" in "down_block_types"/)
  refused({ block_out_channels: [64, 64] }, /"down_block_types" has 1 entries for the 2/)
  refused({ norm_num_groups: 5 }, /not a multiple of 5/)
  refused({ latents_mean: [0, 0, 0, 0] }, /"latents_mean" is not supported/)
})
