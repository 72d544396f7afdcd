import { InputError } from '../../errors.ts'
import { CompileCache } from '../cache.ts'
import type { Engine, StepFunction, TensorFunction } from '../engine.ts'
import type { TensorSpec, Tree } from '../tensor.ts'
import type { Traced } from '../trace/trace.ts'
import { trace } from '../trace/trace.ts'
import type { Leaf } from '../tree.ts'
import type { OnnxCompiled } from './compiled.ts'
import { onnxCompiled } from './compiled.ts'
import type { OnnxDevice } from './session.ts'
import type { OnnxCompiledStep, StepLayout } from './step.ts'
import { onnxStep } from './step.ts'

export interface OnnxEngineOptions {
  /** Default `cpu`. */
  readonly device?: OnnxDevice
  /** Threads within one operation; default one per physical core. */
  readonly threads?: number
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
  const functions = new CompileCache<OnnxCompiled>()
  const steps = new CompileCache<OnnxCompiledStep>()
  return {
    name: 'onnx',
    device: settings.device,
    compile: (name, fn, signature) =>
      functions.get(fn, signature, async (forget) =>
        onnxCompiled(trace(name, fn, signature), settings, forget),
      ),
    compileStep: (name, fn, signature) =>
      steps.get(fn, signature, async (forget) => {
        const traced = traceStep(name, fn, signature)
        return onnxStep(traced, layoutOf(name, traced), settings, forget)
      }),
  }
}

function traceStep(
  name: string,
  fn: StepFunction,
  { state, inputs }: { state: Tree<TensorSpec>; inputs: Tree<TensorSpec> },
): Traced {
  return trace(
    name,
    (given) => {
      const next = fn((given.state ?? {}) as typeof given, (given.inputs ?? {}) as typeof given)
      return { state: next.state, outputs: next.outputs }
    },
    { state, inputs },
  )
}

/** @throws InputError where the new state differs from the old in names, shapes or types */
function layoutOf(name: string, traced: Traced): StepLayout {
  const state = branch(traced.inputs, 'state')
  const nextState = state.map((entry) => {
    const position = traced.outputs.findIndex(({ path }) => path === `state/${entry.path}`)
    const next = traced.outputs[position]?.value
    if (next === undefined) {
      throw new InputError(
        `The step "${name}" does not return the state "${entry.path}"; return it, changed or not.`,
      )
    }
    const was = entry.value
    if (next.dtype !== was.dtype || `${next.shape}` !== `${was.shape}`) {
      throw new InputError(
        `The step "${name}" takes the state "${entry.path}" as ${was.dtype} [${was.shape}] but returns ${next.dtype} [${next.shape}]; return the same shape and type.`,
      )
    }
    return position
  })
  const known = new Set(state.map(({ path }) => `state/${path}`))
  const added = traced.outputs.find(({ keys, path }) => keys[0] === 'state' && !known.has(path))
  if (added !== undefined) {
    throw new InputError(
      `The step "${name}" returns "${added.path}", which is not in its state; add it to the signature or leave it out.`,
    )
  }
  const results = traced.outputs.map((_, i) => i).filter((i) => traced.outputs[i].keys[0] === 'outputs')
  return {
    state,
    inputs: branch(traced.inputs, 'inputs'),
    outputs: branch(traced.outputs, 'outputs'),
    nextState,
    results,
  }
}

function branch<T>(leaves: readonly Leaf<T>[], key: string): Leaf<T>[] {
  return leaves
    .filter(({ keys }) => keys[0] === key)
    .map(({ keys, value }) => ({ keys: keys.slice(1), path: keys.slice(1).join('/'), value }))
}
