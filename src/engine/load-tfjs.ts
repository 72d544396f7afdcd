/**
 * TensorFlow.js before this project's own gradients; everything else imports `tf.ts`.
 *
 * It is required, not imported: for names to import, Node reads megabytes of CommonJS a second time, which takes
 * as long as running them. So the types that go by `tf` are listed.
 */
import { createRequire } from 'node:module'
import type * as tfjs from '@tensorflow/tfjs'

export const tf: typeof tfjs = createRequire(import.meta.url)('@tensorflow/tfjs')

export declare namespace tf {
  export type DataStorage<T> = tfjs.DataStorage<T>
  export type DataType = tfjs.DataType
  export type KernelBackend = tfjs.KernelBackend
  export type Scalar = tfjs.Scalar
  export type Tensor<R extends tfjs.Rank = tfjs.Rank> = tfjs.Tensor<R>
  export type Tensor1D = tfjs.Tensor1D
  export type Tensor2D = tfjs.Tensor2D
  export type Tensor3D = tfjs.Tensor3D
  export type Tensor4D = tfjs.Tensor4D
  export type TensorInfo = tfjs.TensorInfo
}
