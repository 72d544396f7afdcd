/**
 * TensorFlow.js as every file here imports it. The union package is the one that registers the gradients
 * (and `gradients.ts` adds some);
 * production mode silences its hint about native bindings, which the ONNX engine makes moot.
 */
import './gradients.ts'
import { env } from '@tensorflow/tfjs'

env().set('PROD', true)

export * as tf from '@tensorflow/tfjs'
