import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { listSupportedBackends } from 'onnxruntime-node'
import type { OnnxDevice } from './onnx/session.ts'
import { loadTensorFlow } from './tfjs/tensorflow.ts'

/** Whether an engine can run on a device here. */
export interface DeviceReport {
  readonly engine: 'onnx' | 'tfjs'
  readonly device: string
  readonly available: boolean
  /** One sentence: what it is where available; else why it is not and what would make it so. */
  readonly detail: string
}

/** What would make an absent ONNX device available. */
const REMEDY: Readonly<Record<Exclude<OnnxDevice, 'cpu'>, string>> = {
  webgpu: 'it needs a GPU with a Vulkan, Metal or Direct3D 12 driver',
  cuda: 'it needs Linux, an NVIDIA GPU with CUDA 12 and cuDNN 9, and the CUDA libraries of onnxruntime-node (npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12)',
  coreml: 'it needs macOS',
  dml: 'it needs Windows with a Direct3D 12 GPU',
}

const DESCRIPTION: Readonly<Record<OnnxDevice, string>> = {
  cpu: 'The ONNX runtime on this machine’s processor cores.',
  webgpu: 'The ONNX runtime on the GPU through WebGPU; training keeps its state in the GPU’s memory.',
  cuda: 'The ONNX runtime on an NVIDIA GPU; training moves its state there and back once for 16 steps, where webgpu keeps it.',
  coreml: 'The ONNX runtime through Apple’s Core ML.',
  dml: 'The ONNX runtime on the GPU through DirectML.',
}

/** A driver that hangs is as good as none. */
const PROBE_TIMEOUT_MS = 20_000

/** Tries every engine on every device; a driver that crashes takes down only a child process. */
export async function devices(): Promise<DeviceReport[]> {
  const onnx = (['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const).map(onnxReport)
  return [
    ...(await Promise.all(onnx)),
    await tensorflowReport(),
    {
      engine: 'tfjs',
      device: 'cpu',
      available: true,
      detail: 'Plain JavaScript: slow, and the reference that the others are checked against.',
    },
  ]
}

/** Whether the ONNX engine can run on a device here, and if not, why. */
export async function onnxReport(device: OnnxDevice): Promise<DeviceReport> {
  const reason = device === 'cpu' ? undefined : await whyAbsent(device)
  return {
    engine: 'onnx',
    device,
    available: reason === undefined,
    detail: reason ?? DESCRIPTION[device],
  }
}

async function whyAbsent(device: Exclude<OnnxDevice, 'cpu'>): Promise<string | undefined> {
  const remedy = REMEDY[device]
  if (!listSupportedBackends().some(({ name }) => name === device)) {
    return `This platform’s ONNX runtime has no ${device}; ${remedy}.`
  }
  const failure = await probe(device)
  return failure === undefined ? undefined : `The device ${device} does not start (${failure}); ${remedy}.`
}

/** Runs a small model on the device in a process of its own; returns what went wrong. */
function probe(device: OnnxDevice): Promise<string | undefined> {
  const script = fileURLToPath(new URL(`./onnx/probe${import.meta.url.slice(-3)}`, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, script, device], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: PROBE_TIMEOUT_MS,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined)
      else resolve(output.trim() || `the driver ended its process with ${signal ?? `exit code ${code}`}`)
    })
  })
}

async function tensorflowReport(): Promise<DeviceReport> {
  const about = { engine: 'tfjs', device: 'tensorflow' } as const
  try {
    await loadTensorFlow()
    return { ...about, available: true, detail: 'TensorFlow’s own library through tfjs-node.' }
  } catch (error) {
    return { ...about, available: false, detail: error instanceof Error ? error.message : String(error) }
  }
}
