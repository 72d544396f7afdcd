import Table from 'cli-table3'
import { emit } from '../src/engine/graph/emit.ts'
import { onnxCompiled } from '../src/engine/onnx/compiled.ts'
import { float32 } from '../src/engine/tensor.ts'
import { Rng } from '../src/random/rng.ts'
import { median } from './comparison.ts'
import { runPeer } from './peer.ts'

/** One way of making normal numbers. */
export interface NormalsRow {
  readonly by: string
  /** Whether it gives this project's stream of numbers. */
  readonly stream: boolean
  readonly nanoseconds: number
}

const COUNT = 1 << 22
const REPEATS = 15

/** Times a normal number: scalar TypeScript, WebAssembly SIMD, ONNX's own generator, PyTorch and NumPy on one thread. */
export async function run(): Promise<NormalsRow[]> {
  const rng = Rng.seeded(0)
  // Only single precision has the faster loops.
  const [scalar, fast] = [new Float64Array(COUNT), new Float32Array(COUNT)]
  const value = emit('RandomNormal', [], { shape: [COUNT], seed: { float: 1 } }, [COUNT], 'float32')
  const output = { path: 'numbers', keys: ['numbers'], value: float32(COUNT) }
  const graph = { name: 'normals', inputs: [], outputs: [{ name: 'numbers', value }] }
  const settings = { device: 'cpu', threads: 1 } as const
  const onnx = await onnxCompiled({ graph, inputs: [], outputs: [output] }, settings, () => {})
  const rows: NormalsRow[] = [
    { by: 'scalar TypeScript', stream: true, nanoseconds: await timed(() => rng.fillNormal(scalar)) },
    { by: 'WebAssembly SIMD', stream: true, nanoseconds: await timed(() => rng.fillNormal(fast)) },
    { by: 'ONNX RandomNormal', stream: false, nanoseconds: await timed(() => onnx.run({})) },
  ]
  const job = { count: COUNT, repeats: REPEATS, threads: 1 }
  const peer = await runPeer<Record<string, number>>('normals.py', job, 1)
  for (const [by, nanoseconds] of Object.entries(peer ?? {})) rows.push({ by, stream: false, nanoseconds })
  const table = new Table({ head: ['normal numbers', 'ns each', 'the stream'] })
  for (const { by, stream, nanoseconds } of rows) {
    table.push([by, nanoseconds.toFixed(2), stream ? 'yes' : 'another'])
  }
  console.log(table.toString())
  return rows
}

async function timed(act: () => unknown): Promise<number> {
  const times: number[] = []
  for (let repeat = 0; repeat <= REPEATS; repeat++) {
    const start = performance.now()
    await act()
    times.push(performance.now() - start)
  }
  return (1e6 * median(times.slice(1))) / COUNT
}
