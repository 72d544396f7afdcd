/** Compiles pure functions of tfjs tensors and runs them fast. */
export type { Compiled, CompiledStep, Engine, StepFunction, TensorFunction } from './engine.ts'
export { onnxEngine } from './onnx/engine.ts'
export type { DType, HostTensor, TensorSpec, Tree } from './tensor.ts'
export { float32, int32, sizeOf } from './tensor.ts'
