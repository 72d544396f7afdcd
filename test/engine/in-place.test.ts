import test from 'ava'
import { float32 } from '../../src/engine/index.ts'
import { inPlaceTest } from '../../src/engine/onnx/in-place.ts'
import { tf } from '../../src/engine/tf.ts'
import { trace } from '../../src/engine/trace/trace.ts'

type Flat = Record<string, tf.Tensor>

/** Whether the output `next` may be written over the input `old`. */
function inPlace(fn: (inputs: Flat) => Flat): boolean {
  const { graph } = trace('step', fn as never, { old: float32(4), other: float32(4) })
  const next = graph.outputs.find(({ name }) => name === 'next')
  return inPlaceTest(graph)(graph.inputs[0], next!.value)
}

test('a moving average may be written in place', (t) => {
  t.true(inPlace(({ old, other }) => ({ next: tf.add(tf.mul(old, 0.9), tf.mul(other, 0.1)) })))
  t.true(inPlace(({ old, other }) => ({ next: tf.sub(old, other) })))
})

test('what is read by something else, or returned, may not', (t) => {
  t.false(inPlace(({ old, other }) => ({ next: tf.add(old, other), sum: tf.sum(old) })))
  t.false(inPlace(({ old, other }) => ({ next: tf.add(old, other), was: old })))
  t.false(
    inPlace(({ old, other }) => ({ next: tf.add(old, other), root: tf.sum(tf.reshape(old, [2, 2]), 0) })),
  )
})

test('an element may only replace the one it depends on', (t) => {
  t.false(inPlace(({ old }) => ({ next: tf.reverse(old) })))
  t.false(
    inPlace(({ old }) => ({
      next: tf.reshape(tf.add(tf.reshape(old, [4, 1]), tf.reshape(old, [1, 4])).slice([0, 0], [2, 2]), [4]),
    })),
  )
})
