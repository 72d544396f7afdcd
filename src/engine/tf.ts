/**
 * TensorFlow.js as every file here imports it. The union package is the one that registers the gradients
 * (and `gradients.ts` adds some);
 * production mode silences its hint about native bindings, which the ONNX engine makes moot.
 */
import './gradients.ts'
import { tf } from './load-tfjs.ts'

tf.env().set('PROD', true)

/** Types of all its names, such as those of kernels' attributes. */
export type * as tfjs from '@tensorflow/tfjs'
export { tf }
