import test from 'ava'
import type { HostTensor } from '../../src/engine/tensor.ts'
import { tf } from '../../src/engine/tf.ts'
import { InputError } from '../../src/errors.ts'
import { clipText, clipTextSchema } from '../../src/models/clip-text.ts'
import { close, readCase, readTensors } from './fixture.ts'
import { runners } from './runners.ts'

const TOPIC = 'clip_text'
const fixture = await readCase<{ config: object; tolerance: { output: { relmax: number } } }>(
  TOPIC,
  'clip_text',
)
const tensors = await readTensors(TOPIC, 'clip_text.safetensors')
const state = Object.fromEntries(
  Object.entries(tensors).flatMap(([name, tensor]) =>
    name.startsWith('state.') ? [[name.slice('state.'.length), tensor]] : [],
  ),
)

for (const runner of runners) {
  for (const activation of ['quick_gelu', 'gelu']) {
    test(`${runner.name}: states match the peer with ${activation}`, async (t) => {
      const model = clipText(clipTextSchema.parse({ ...fixture.config, hidden_act: activation }))
      const { states } = await runner.run(
        'text',
        (trees) => ({ states: model.apply(trees.parameters as never, trees.ids as tf.Tensor) }),
        { parameters: model.fromStateDict(state), ids: tensors['in.ids'] },
      )
      const { values, shape } = states as HostTensor
      t.deepEqual(shape, [3, 7, 16])
      close(t, values, tensors[`out.${activation}`].values, fixture.tolerance.output, activation)
    })
  }
}

test('the text encoders of Stable Diffusion 1.x and 2.x have as many parameters as published', (t) => {
  const count = (settings: object) =>
    Object.values(clipText(clipTextSchema.parse(settings)).parameters).reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    )
  t.is(count({}), 123_060_480)
  const second = {
    hidden_size: 1024,
    intermediate_size: 4096,
    num_hidden_layers: 23,
    num_attention_heads: 16,
  }
  t.is(count({ ...second, hidden_act: 'gelu' }), 340_387_840)
})

test('texts that are too long, and unknown activations, are named', (t) => {
  const model = clipText(clipTextSchema.parse(fixture.config))
  t.throws(() => model.apply({}, tf.zeros([1, 10], 'int32')), {
    instanceOf: InputError,
    message: /10 tokens/,
  })
  t.throws(() => clipText(clipTextSchema.parse({ ...fixture.config, hidden_act: 'quick_gely' })), {
    message: /did you mean "quick_gelu"/,
  })
})
