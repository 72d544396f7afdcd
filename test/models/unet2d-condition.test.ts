import test from 'ava'
import { tf } from '../../src/engine/tf.ts'
import { InputError } from '../../src/errors.ts'
import { unet2dCondition, unet2dConditionSchema } from '../../src/models/unet2d-condition.ts'
import { Rng } from '../../src/random/rng.ts'
import {
  channelsFirst,
  channelsLast,
  checkCase,
  checkOutputs,
  loadCase,
  type Model,
  withSmallWeights,
} from './diffusers.ts'
import { close, host } from './fixture.ts'
import { runners } from './runners.ts'

const [eager, onnx] = runners

const loaded = await loadCase('unet2d_condition')
const config = unet2dConditionSchema.parse(loaded.fixture.config)
const model = unet2dCondition(config)
const INPUTS = ['sample', 'timestep', 'encoder_hidden_states']

const fn: Model = (parameters, { sample, timestep, encoder_hidden_states, target }) => {
  const output = channelsFirst(model.apply(parameters, channelsLast(sample), timestep, encoder_hidden_states))
  return { output, loss: tf.mean(tf.squaredDifference(output, target)) }
}

test('outputs, loss and every gradient match diffusers', async (t) => {
  await checkCase(t, onnx, model, loaded, fn, INPUTS)
  const { output } = await withSmallWeights(onnx, model, loaded, fn, INPUTS)
  const { tolerance } = loaded.fixture
  close(
    t,
    output.values,
    loaded.tensors['out.output_small_weights'].values,
    tolerance.output_small_weights,
    'small',
  )
})

// The plain JavaScript backend takes a minute for these gradients.
test('outputs match diffusers without compiling', async (t) => {
  await checkOutputs(t, eager, model, loaded, fn, INPUTS)
})

test('names and shapes are those of the peer’s state dict, in and out', (t) => {
  const parameters = model.fromStateDict(loaded.state)
  const back = model.toStateDict(parameters)
  t.deepEqual(Object.keys(back).sort(), Object.keys(loaded.state).sort())
  for (const [name, { shape, values }] of Object.entries(loaded.state)) {
    t.deepEqual(back[name].shape, shape, name)
    t.deepEqual(back[name].values, values, name)
  }
})

test('Stable Diffusion 1.x and 2.x have as many parameters as published', (t) => {
  const count = (settings: object) => {
    const { parameters } = unet2dCondition(unet2dConditionSchema.parse(settings))
    return Object.values(parameters).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  }
  t.is(count({ cross_attention_dim: 768, attention_head_dim: 8 }), 859_520_964)
  t.is(
    count({ cross_attention_dim: 1024, attention_head_dim: [5, 10, 20, 20], use_linear_projection: true }),
    865_910_724,
  )
})

test('levels may differ in layers, heads and depth', async (t) => {
  const wide = unet2dCondition(
    unet2dConditionSchema.parse({
      block_out_channels: [8, 16],
      layers_per_block: [1, 2],
      attention_head_dim: [2, 4],
      transformer_layers_per_block: [1, 2],
      norm_num_groups: 4,
      cross_attention_dim: 6,
      use_linear_projection: true,
      down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
      up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
    }),
  )
  t.true('down_blocks.1.attentions.1.transformer_blocks.1.attn2.to_k.weight' in wide.parameters)
  const parameters = wide.init(Rng.seeded(1))
  const inputs = {
    sample: host(
      [1, 4, 4, 4],
      Array.from({ length: 64 }, (_, i) => Math.sin(i)),
    ),
    time: host([1], [500]),
    context: host(
      [1, 3, 6],
      Array.from({ length: 18 }, (_, i) => Math.cos(i)),
    ),
  }
  const outputs = []
  for (const runner of runners) {
    const { output } = await runner.run(
      'wide',
      (trees) => {
        const given = trees.inputs as Record<string, tf.Tensor>
        return { output: wide.apply(trees.parameters as never, given.sample, given.time, given.context) }
      },
      { parameters, inputs },
    )
    outputs.push((output as { values: Float32Array }).values)
  }
  t.is(outputs[0].length, 64)
  close(t, outputs[1], outputs[0], { relmax: 1e-5 }, 'engines agree')
})

test('what is not supported is named', (t) => {
  const refused = (settings: object, message: RegExp) =>
    t.throws(() => unet2dCondition(unet2dConditionSchema.parse(settings)), {
      instanceOf: InputError,
      message,
    })
  refused(
    { down_block_types: ['CrossAttnDownBlock2D', 'AttnDownBlock2D', 'DownBlock2D', 'DownBlock2D'] },
    /"AttnDownBlock2D"/,
  )
  refused({ up_block_types: ['UpBlock2D'] }, /"up_block_types" has 1 entries for the 4/)
  refused({ mid_block_type: 'UNetMidBlock2DSimpleCrossAttn' }, /"UNetMidBlock2DSimpleCrossAttn"/)
  refused(
    { addition_embed_type: 'text_time' },
    /"addition_embed_type" is "text_time", which is not supported/,
  )
  refused({ resnet_time_scale_shift: 'scale_shift' }, /only "default"/)
  refused({ layers_per_block: [1, 2] }, /"layers_per_block" has 2 entries for 4 levels/)
  refused({ norm_num_groups: 7 }, /not a multiple of 7/)
})
