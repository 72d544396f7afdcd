/** Compiles pure functions of tfjs tensors and runs them fast. */

export type { EngineOptions } from './create.ts'
export { createEngine } from './create.ts'
export type { DeviceReport } from './devices.ts'
export { devices } from './devices.ts'
export type { Compiled, CompiledStep, Engine, StepFunction, TensorFunction } from './engine.ts'
export type { OnnxEngine, OnnxEngineOptions } from './onnx/engine.ts'
export { onnxEngine } from './onnx/engine.ts'
export type { OnnxDevice } from './onnx/session.ts'
export type { DType, HostTensor, TensorSpec, Tree } from './tensor.ts'
export { float32, int32, sizeOf } from './tensor.ts'
export type { TfjsEngineOptions } from './tfjs/engine.ts'
export { tfjsEngine } from './tfjs/engine.ts'
