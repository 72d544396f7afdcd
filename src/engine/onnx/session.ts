import { availableParallelism } from 'node:os'
import * as ort from 'onnxruntime-node'
import { FailureError } from '../../errors.ts'
import type { Graph } from '../graph/value.ts'
import { orderedNodes } from '../graph/value.ts'
import type { HostTensor } from '../tensor.ts'

/** Where the ONNX engine can run. */
export type OnnxDevice = 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml'

export interface SessionSettings {
  readonly device: OnnxDevice
  /** Threads within one operation; one for each core by default. */
  readonly threads?: number
  /** Names of outputs that stay in the device's memory. */
  readonly onDevice?: readonly string[]
  /** Whether the runtime looks for operations to fuse; default true. */
  readonly fuse?: boolean
  /** Writes a profile of every operation to files that begin with this path. */
  readonly profile?: string
}

/** Graphs beyond this many nodes are training steps, in which the runtime finds little to fuse. */
const LARGE_GRAPH = 2000

/**
 * Whether it pays to let the runtime look for operations to fuse: it takes a second for a large graph, and finds
 * only transposes to move into batched products, or activations of convolutions.
 */
export function worthFusing(graph: Graph): boolean {
  const nodes = orderedNodes(graph.outputs.map(({ value }) => value))
  return nodes.length < LARGE_GRAPH || nodes.some(({ op }) => op === 'MatMul' || op === 'Conv')
}

/** Opens a model on a device. @throws FailureError with the runtime's own message where it refuses */
export async function openSession(
  name: string,
  bytes: Uint8Array,
  settings: SessionSettings,
): Promise<ort.InferenceSession> {
  const { device, threads = availableParallelism(), onDevice = [], fuse = true, profile } = settings
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    graphOptimizationLevel: fuse ? 'all' : 'basic',
    // Left to itself, the runtime pins its threads to cores and waits for them where other work runs too.
    intraOpNumThreads: threads,
    // A planned block of memory comes on top of what the first run took, and makes nothing faster.
    enableMemPattern: false,
    // Warnings about nodes placed on the CPU are for the runtime's developers.
    logSeverityLevel: 3,
  }
  if (onDevice.length > 0) {
    options.preferredOutputLocation = Object.fromEntries(onDevice.map((output) => [output, 'gpu-buffer']))
  }
  if (profile !== undefined) {
    options.enableProfiling = true
    options.profileFilePrefix = profile
  }
  try {
    return await ort.InferenceSession.create(bytes, options)
  } catch (error) {
    throw new FailureError(
      `The ONNX runtime could not prepare "${name}" for the device ${device}: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

/**
 * Runs the session of a model with the output {@link MARKER}, for which `fetches` holds null; the outputs are
 * written to the other tensors of `fetches`.
 *
 * @throws FailureError with the runtime's own message
 */
export async function runInto(
  name: string,
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  fetches: Readonly<Record<string, ort.Tensor | null>>,
): Promise<void> {
  try {
    await session.run(feeds, fetches)
  } catch (error) {
    // The run is over when the binding looks at the first output, and finds that it cannot convert it.
    if (messageOf(error).startsWith('Non tensor type')) return
    throw new FailureError(`Running "${name}" failed: ${messageOf(error)}`, { cause: error })
  }
}

/** Runs a session and returns its outputs, in new memory. @throws FailureError with the runtime's own message */
export async function runSession(
  name: string,
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
): Promise<Readonly<Record<string, ort.Tensor>>> {
  try {
    return (await session.run(feeds)) as Readonly<Record<string, ort.Tensor>>
  } catch (error) {
    throw new FailureError(`Running "${name}" failed: ${messageOf(error)}`, { cause: error })
  }
}

/** A tensor of the runtime over the same memory. */
export function ortTensor({ dtype, values, shape }: HostTensor): ort.Tensor {
  // The three types of HostTensor's values go with its three dtypes.
  return new ort.Tensor(dtype as 'float32', values as Float32Array, shape)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
