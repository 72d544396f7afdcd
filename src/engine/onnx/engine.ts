import { CompileCache } from '../cache.ts'
import type { Engine, StepFunction, TensorFunction } from '../engine.ts'
import { optimize } from '../optimize/optimize.ts'
import { stepLayout, treeFunction } from '../step-layout.ts'
import type { TensorSpec, Tree } from '../tensor.ts'
import type { Traced } from '../trace/trace.ts'
import { trace } from '../trace/trace.ts'
import type { OnnxCompiled } from './compiled.ts'
import { onnxCompiled } from './compiled.ts'
import { groupedStep } from './grouped-step.ts'
import { residentStep } from './resident-step.ts'
import type { OnnxDevice } from './session.ts'
import type { OnnxCompiledStep } from './step.ts'
import { onnxStep } from './step.ts'

/** Of 16 steps a sixteenth of the state's way over the bus is left to each; more would hold more batches at once. */
const GROUP = 16

export interface OnnxEngineOptions {
  /** Default `cpu`. */
  readonly device?: OnnxDevice
  /** Threads within one operation; default one per core that the process may use. */
  readonly threads?: number
  /** Whether to simplify graphs before the runtime sees them; default true. */
  readonly optimize?: boolean
  /**
   * Steps of a state transition that one run takes at most; default 16 on `cuda`, whose memory the binding has no
   * tensors for, and 1 elsewhere. Of no effect on `webgpu`, where the state stays on the device.
   */
  readonly group?: number
  /** Writes a profile of every operation to JSON files that begin with this path. */
  readonly profile?: string
}

/** An {@link Engine} whose compiled functions also give their model. */
export interface OnnxEngine extends Engine {
  compile(name: string, fn: TensorFunction, signature: Tree<TensorSpec>): Promise<OnnxCompiled>
  compileStep(
    name: string,
    fn: StepFunction,
    signature: { state: Tree<TensorSpec>; inputs: Tree<TensorSpec> },
  ): Promise<OnnxCompiledStep>
}

/**
 * The engine that traces functions to ONNX graphs and runs them on onnxruntime-node.
 *
 * @throws UnsupportedKernelError (from `compile`) for an operation that has no translation
 */
export function onnxEngine(options: OnnxEngineOptions = {}): OnnxEngine {
  const settings = { device: options.device ?? 'cpu', threads: options.threads, profile: options.profile }
  const { group = settings.device === 'cuda' ? GROUP : 1 } = options
  const traced = (name: string, fn: TensorFunction, signature: Tree<TensorSpec>): Traced => {
    const found = trace(name, fn, signature)
    return options.optimize === false ? found : { ...found, graph: optimize(found.graph) }
  }
  const functions = new CompileCache<OnnxCompiled>()
  const steps = new CompileCache<OnnxCompiledStep>()
  return {
    name: 'onnx',
    device: settings.device,
    compile: (name, fn, signature) =>
      functions.get(fn, signature, async (forget) =>
        onnxCompiled(traced(name, fn, signature), settings, forget),
      ),
    compileStep: (name, fn, signature) =>
      steps.get(fn, signature, async (forget) => {
        const step = traced(name, treeFunction(fn), signature)
        const layout = stepLayout(name, step.inputs, step.outputs)
        // The binding knows only WebGPU's memory; elsewhere the state lies in host memory between runs.
        if (settings.device === 'webgpu') return residentStep(step, layout, settings, forget)
        if (group > 1) return groupedStep(step, layout, settings, forget, group)
        return onnxStep(step, layout, settings, forget)
      }),
  }
}
