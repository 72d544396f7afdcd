import * as ort from 'onnxruntime-node'
import { FailureError } from '../../errors.ts'
import type { HostTensor } from '../tensor.ts'

/** Where the ONNX engine can run. */
export type OnnxDevice = 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml'

export interface SessionSettings {
  readonly device: OnnxDevice
  /** Threads within one operation; the runtime's default is one per physical core. */
  readonly threads?: number
  /** Names of outputs that stay in the device's memory. */
  readonly onDevice?: readonly string[]
  /** Writes a profile of every operation to files that begin with this path. */
  readonly profile?: string
}

/** Opens a model on a device. @throws FailureError with the runtime's own message where it refuses */
export async function openSession(
  name: string,
  bytes: Uint8Array,
  settings: SessionSettings,
): Promise<ort.InferenceSession> {
  const { device, threads, onDevice = [], profile } = settings
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    graphOptimizationLevel: 'all',
    // Warnings about nodes placed on the CPU are for the runtime's developers.
    logSeverityLevel: 3,
  }
  if (threads !== undefined) options.intraOpNumThreads = threads
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

/** Runs a session. @throws FailureError with the runtime's own message */
export async function runSession(
  name: string,
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  fetches: Readonly<Record<string, ort.Tensor | null>>,
): Promise<Readonly<Record<string, ort.Tensor>>> {
  try {
    return (await session.run(feeds, fetches)) as Readonly<Record<string, ort.Tensor>>
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
