import { readFileSync } from 'node:fs'
import { ddpm } from '../src/diffusion/index.ts'
import { type HostTensor, onnxEngine, sizeOf, type TensorSpec } from '../src/engine/index.ts'
import { createNetwork } from '../src/models/index.ts'
import type { HostParameters, Network } from '../src/models/network.ts'
import { diffusionPlanner } from '../src/policy/diffusion-planner.ts'
import { Rng } from '../src/random/rng.ts'
import { zeroRows } from '../src/rows.ts'
import { trainSignature, trainStep } from '../src/train/step.ts'
import type { Job, Outcome } from './job.ts'

/** What a training step is given where random numbers would make no sense. */
const INPUTS: Readonly<Record<string, number>> = {
  alpha: 0.8,
  sigma: 0.6,
  targetData: 0,
  targetNoise: 1,
  weight: 1,
  learningRate: 1e-4,
  biasCorrection1: 0.9,
  biasCorrection2: 0.9,
  averageDecay: 0.999,
}

/** Does the job in the first argument in a process of its own, and prints an {@link Outcome} as JSON. */
const job: Job = JSON.parse(process.argv[2])
const network = createNetwork('type' in job.network ? job.network : { type: 'temporal-unet', ...job.network })
const rng = Rng.seeded(0)
const { act, compile } = await (job.task === 'train'
  ? trainer(network, job.batch)
  : planner(network, job.steps))
for (let i = 0; i < job.warmUp; i++) await act()
const before = held('VmRSS')
const times: number[] = []
for (let i = 0; i < job.repeats; i++) {
  const start = performance.now()
  const result = await act()
  times.push(performance.now() - start)
  if (!Number.isFinite(result)) throw new Error(`Repeat ${i} left the real numbers.`)
}
const outcome: Outcome = {
  parameters: Object.values(network.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  median: times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0,
  growth: held('VmRSS') - before,
  peak: held('VmHWM'),
  compile,
}
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit())

/** Something to repeat, which returns a number that depends on all of its work, and how long it took to compile. */
interface Prepared {
  act(): Promise<number>
  readonly compile: number
}

/** One step: forward, backward, AdamW and the moving average of the weights. */
async function trainer(network: Network, batch: number): Promise<Prepared> {
  const signature = trainSignature(network, batch)
  const start = performance.now()
  const step = await onnxEngine({ threads: job.threads }).compileStep('train', trainStep(network), signature)
  const compile = performance.now() - start
  const inputs = Object.fromEntries(
    Object.entries(signature.inputs as Record<string, TensorSpec>).map(([name, { shape }]) => {
      const given = INPUTS[name]
      const values = new Float32Array(sizeOf(shape))
      if (given === undefined) rng.fillNormal(values)
      return [name, tensor(shape, given === undefined ? values : values.fill(given))]
    }),
  )
  for (let i = 0; i < batch; i++) inputs.time.values[i] = rng.integer(0, 100)
  const parameters = network.init(rng)
  const moments = Object.fromEntries(
    Object.entries(parameters).map(([name, { shape }]) => [
      name,
      tensor(shape, new Float32Array(sizeOf(shape))),
    ]),
  )
  await step.write({ parameters, average: parameters, first: moments, second: moments })
  const act = async () => ((await step.run(inputs)).loss as HostTensor).values[0]
  return { act, compile }
}

/** Plans for one episode as a policy does, by DDIM; the codec leaves everything as it is. */
async function planner(network: Network, steps: number): Promise<Prepared> {
  const plan = diffusionPlanner({
    network,
    parameters: asTrained(network.init(rng)),
    process: ddpm(),
    sampler: { type: 'ddim', steps },
    engine: onnxEngine({ threads: job.threads }),
    codec: {
      conditionWidth: network.condition,
      chunkWidth: network.horizon * network.channels,
      conditions: (histories) => histories,
      actions: (_, chunks) => chunks,
      chunks: (_, actions) => actions,
    },
  })
  const history = zeroRows(1, network.condition)
  rng.fillNormal(history.values)
  const act = async () => (await plan(history, [rng])).values.reduce((sum, value) => sum + value, 0)
  // The first plan compiles the network.
  const start = performance.now()
  await act()
  return { act, compile: performance.now() - start }
}

/** Ones and zeros that training would have changed: compiled as constants, they would cost nothing. */
function asTrained(parameters: HostParameters): HostParameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, values }]) => [
      name,
      tensor(
        shape,
        Float32Array.from(values, (value) => value + 0.01 * rng.normal()),
      ),
    ]),
  )
}

function tensor(shape: readonly number[], values: Float32Array): HostTensor {
  return { shape, dtype: 'float32', values }
}

/** A figure of this process' memory in MiB; beside Linux, the most it ever held stands for any. */
function held(key: 'VmRSS' | 'VmHWM'): number {
  // Garbage is no growth.
  globalThis.gc?.()
  try {
    const line = readFileSync('/proc/self/status', 'utf8')
      .split('\n')
      .find((each) => each.startsWith(key))
    return Number(line?.match(/\d+/)?.[0]) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}
