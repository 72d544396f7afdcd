import { InputError, lookUp } from '../errors.ts'
import { onnxReport } from './devices.ts'
import type { Engine } from './engine.ts'
import { onnxEngine } from './onnx/engine.ts'
import type { OnnxDevice } from './onnx/session.ts'
import { tfjsEngine } from './tfjs/engine.ts'

export interface EngineOptions {
  /** Default `onnx`. */
  readonly engine?: 'onnx' | 'tfjs'
  /** Default `cpu`. */
  readonly device?: string
  /** Threads within one operation, for `onnx` on `cpu`; default one for each core. */
  readonly threads?: number
}

/** Devices of each engine, by the name that chooses them. */
const DEVICES = {
  onnx: { cpu: 'cpu', webgpu: 'webgpu', cuda: 'cuda', coreml: 'coreml', dml: 'dml' } satisfies Record<
    OnnxDevice,
    OnnxDevice
  >,
  tfjs: { cpu: 'cpu', tensorflow: 'tensorflow' },
} as const

/**
 * Makes an engine by name.
 *
 * @throws InputError for an unknown name, a number of threads that is not a positive whole number, and a
 *   device that is absent here, with what would make it available
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { engine = 'onnx', device = 'cpu', threads } = options
  lookUp('engine', DEVICES, engine)
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1)) {
    throw new InputError(`The number of threads ${threads} is not a whole number above 0; give one that is.`)
  }
  if (engine === 'tfjs') return tfjsEngine({ device: lookUp('tfjs device', DEVICES.tfjs, device) })
  const chosen = lookUp('onnx device', DEVICES.onnx, device)
  const report = await onnxReport(chosen)
  if (!report.available) throw new InputError(report.detail)
  return onnxEngine({ device: chosen, threads })
}
