import { tf } from '../engine/tf.ts'

/**
 * A function of tensors with a hand-written gradient. tfjs' generic gradients are compositions of pads,
 * slices and transpositions; where those cost more than the arithmetic, layers here write their own.
 *
 * @param forward computes the value, and names the tensors that the backward pass needs
 * @param backward maps the gradient of the value and the saved tensors to one gradient for each input
 */
export function withGradient<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  forward: (inputs: tf.Tensor[]) => { value: T; saved: tf.Tensor[] },
  backward: (gradient: T, saved: tf.Tensor[]) => tf.Tensor[],
): T {
  return tf.customGrad<T>((...received) => {
    const tensors = received.slice(0, inputs.length) as tf.Tensor[]
    const save = received[inputs.length] as (tensors: tf.Tensor[]) => void
    const { value, saved } = forward(tensors)
    save(saved)
    return { value, gradFunc: (gradient: T, kept: tf.Tensor[]) => backward(gradient, kept) }
  })(...inputs)
}
