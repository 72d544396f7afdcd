import type { HostTensor, TensorSpec, Tree } from './tensor.ts'
import type { tf } from './tf.ts'

/**
 * A pure function of tensors. It must create no variables, read no data and draw no random numbers: whatever
 * it needs comes in through `inputs`. It may use `tf.grad`, `tf.variableGrads`-style functions and custom
 * gradients.
 */
export type TensorFunction = (inputs: Tree<tf.Tensor>) => Tree<tf.Tensor>

/** A pure state transition: the returned `state` has the names, shapes and types of the one it was given. */
export type StepFunction = (
  state: Tree<tf.Tensor>,
  inputs: Tree<tf.Tensor>,
) => { state: Tree<tf.Tensor>; outputs: Tree<tf.Tensor> }

/** A {@link TensorFunction} made ready to run on fixed shapes. */
export interface Compiled {
  /** Shapes and types of the outputs. */
  readonly outputs: Tree<TensorSpec>
  /**
   * Runs on host tensors named as in the signature.
   *
   * @returns the outputs; their arrays are reused by the next `run`, so copy what must outlive it
   * @throws InputError naming an input that is missing, unknown, or of another shape or type
   */
  run(inputs: Tree<HostTensor>): Promise<Tree<HostTensor>>
  /** Frees the session. */
  dispose(): Promise<void>
}

/** A {@link StepFunction} that holds its state between runs: double-buffered on the CPU, resident on a GPU or moved once for several steps. */
export interface CompiledStep {
  readonly outputs: Tree<TensorSpec>
  /** Advances the state by one step and returns the outputs (arrays reused by the next call). */
  run(inputs: Tree<HostTensor>): Promise<Tree<HostTensor>>
  /** A copy of the present state. */
  read(): Promise<Tree<HostTensor>>
  /** The present state, where possible not copied: valid until the next `run` or `write`, and not to be changed. */
  view(): Promise<Tree<HostTensor>>
  /** Replaces the state; `state` is copied. */
  write(state: Tree<HostTensor>): Promise<void>
  /** Present where it pays to take several steps in one run, because each run moves the state to the device and back. */
  readonly group?: StepGroup
  dispose(): Promise<void>
}

/** Several steps of a {@link CompiledStep} at once, which do what they do one by one. */
export interface StepGroup {
  /** Steps that one run takes at most. */
  readonly most: number
  /**
   * Advances the state by as many steps as there are inputs, 1 to {@link most}.
   *
   * @returns the outputs of each step, in arrays of their own
   */
  run(inputs: readonly Tree<HostTensor>[]): Promise<Tree<HostTensor>[]>
  /** Goes back to the state after the first `steps` steps of the last run, which are taken again for it. */
  back(steps: number): Promise<void>
}

/** What turns pure functions of tfjs tensors into something that runs fast. */
export interface Engine {
  /** `onnx` or `tfjs`. */
  readonly name: string
  /** `cpu`, `webgpu`, `cuda`, … for `onnx`; `cpu` or `tensorflow` for `tfjs`. */
  readonly device: string
  /**
   * Compiles `fn` for inputs of fixed shapes. Compiling the same function for an equal signature again
   * returns the same compiled function.
   *
   * @param name for messages and for the exported graph
   */
  compile(name: string, fn: TensorFunction, signature: Tree<TensorSpec>): Promise<Compiled>
  /** Compiles a state transition; its state starts as zeros. */
  compileStep(
    name: string,
    fn: StepFunction,
    signature: { state: Tree<TensorSpec>; inputs: Tree<TensorSpec> },
  ): Promise<CompiledStep>
}
