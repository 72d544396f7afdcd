import { tf } from '../engine/tf.ts'
import { withGradient } from './custom-gradient.ts'

/**
 * Mish, x · tanh(softplus(x)) (Misra 2019). With s = σ(x) and a = s(2 − s), tanh(softplus(x)) is a/(2 − a):
 * no exponential can overflow and nothing cancels, whatever the size of x, and only one of the passes over
 * memory is more than an arithmetic operation.
 */
export function mish(x: tf.Tensor): tf.Tensor {
  return withGradient<tf.Tensor>(
    [x],
    ([input]) => {
      const s = tf.sigmoid(input)
      const a = tf.mul(s, tf.sub(2, s))
      const t = tf.div(a, tf.sub(2, a))
      const value = tf.mul(input, t)
      return { value, saved: [input, s, t, value] }
    },
    // d/dx = t + x·s·(1 − t²) = t + s·(x − y·t), where y = x·t.
    (gradient, [input, s, t, value]) => [
      tf.mul(gradient, tf.add(t, tf.mul(s, tf.sub(input, tf.mul(value, t))))),
    ],
  )
}

/** SiLU or swish, x · σ(x) (Elfwing et al. 2017). */
export function silu(x: tf.Tensor): tf.Tensor {
  return withGradient<tf.Tensor>(
    [x],
    ([input]) => {
      const s = tf.sigmoid(input)
      const value = tf.mul(input, s)
      return { value, saved: [s, value] }
    },
    // d/dx = s + x·s·(1 − s) = s + y − y·s.
    (gradient, [s, value]) => [tf.mul(gradient, tf.add(s, tf.mul(value, tf.sub(1, s))))],
  )
}

/** GELU, x · Φ(x), exactly and not by the tanh approximation (Hendrycks and Gimpel 2016). */
export function gelu(x: tf.Tensor): tf.Tensor {
  return withGradient<tf.Tensor>(
    [x],
    ([input]) => {
      const cumulative = tf.mul(tf.add(tf.erf(tf.mul(input, Math.SQRT1_2)), 1), 0.5)
      return { value: tf.mul(input, cumulative), saved: [input, cumulative] }
    },
    (gradient, [input, cumulative]) => {
      const density = tf.mul(tf.exp(tf.mul(tf.mul(input, input), -0.5)), 1 / Math.sqrt(2 * Math.PI))
      return [tf.mul(gradient, tf.add(cumulative, tf.mul(input, density)))]
    },
  )
}
