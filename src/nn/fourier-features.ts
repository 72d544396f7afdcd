import { tf } from '../engine/tf.ts'

/**
 * Numbers beside the sines and cosines of their multiples, [B, C] → [B, C × (1 + 2 × octaves)]: with
 * frequencies π/2 · 2^k, k = 0 … octaves − 1, a perceptron resolves small differences of position that it
 * smooths over otherwise (Tancik et al. 2020, arXiv 2006.10739, with fixed frequencies as in NeRF).
 */
export function fourierFeatures(input: tf.Tensor, octaves: number): tf.Tensor {
  if (octaves === 0) return input
  const waves = Array.from({ length: octaves }, (_, k) => {
    const phase = tf.mul(input, (Math.PI / 2) * 2 ** k)
    return [tf.sin(phase), tf.cos(phase)]
  })
  return tf.concat([input, ...waves.flat()], 1)
}
