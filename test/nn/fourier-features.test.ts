import test from 'ava'
import { tf } from '../../src/engine/tf.ts'
import { fourierFeatures } from '../../src/nn/fourier-features.ts'

test('numbers are followed by the sines and cosines of each octave', async (t) => {
  await tf.setBackend('cpu')
  const out = await fourierFeatures(tf.tensor2d([[0.5, -1]]), 2).data()
  const expected = [0.5, -1]
  for (const frequency of [Math.PI / 2, Math.PI]) {
    expected.push(
      ...[0.5, -1].map((x) => Math.sin(frequency * x)),
      ...[0.5, -1].map((x) => Math.cos(frequency * x)),
    )
  }
  t.is(out.length, expected.length)
  out.forEach((value, i) => {
    t.true(Math.abs(value - expected[i]) < 1e-6, `${i}: ${value}`)
  })
})

test('no octaves leave the numbers as they are', async (t) => {
  await tf.setBackend('cpu')
  t.deepEqual([...(await fourierFeatures(tf.tensor2d([[3, 4]]), 0).data())], [3, 4])
})
