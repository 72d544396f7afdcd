import type { Engine, TensorFunction } from '../engine/engine.ts'
import { type HostTensor, int32 } from '../engine/tensor.ts'
import type { tf } from '../engine/tf.ts'
import type { ClipText } from '../models/clip-text.ts'
import type { HostParameters, Parameters } from '../models/network.ts'
import { type Rows, zeroRows } from '../rows.ts'
import type { Tokenizer } from './tokenizer.ts'

/**
 * States of a frozen text encoder for each text, [texts, length · width]: a row of tokens after the other.
 */
export async function embedTexts(
  engine: Engine,
  text: ClipText,
  weights: HostParameters,
  tokenizer: Tokenizer,
  texts: readonly string[],
): Promise<Rows> {
  const ids = tokenizer.encode(texts)
  const { length } = tokenizer
  const columns = length * text.width
  const out = zeroRows(texts.length, columns)
  const encode: TensorFunction = (inputs) => ({
    states: text.apply(inputs.parameters as Parameters, inputs.ids as tf.Tensor),
  })
  const compiled = await engine.compile('text encoder', encode, {
    parameters: text.parameters,
    ids: int32(1, length),
  })
  try {
    for (let i = 0; i < texts.length; i++) {
      const tokens = {
        shape: [1, length],
        dtype: 'int32' as const,
        values: ids.slice(i * length, (i + 1) * length),
      }
      const { states } = await compiled.run({ parameters: weights, ids: tokens })
      out.values.set((states as HostTensor).values, i * columns)
    }
  } finally {
    await compiled.dispose()
  }
  return out
}
