import { readFileSync } from 'node:fs'
import { float32, type HostTensor, onnxEngine, sizeOf, type TensorSpec } from '../src/engine/index.ts'
import { latentDenoiser } from '../src/models/latent-denoiser.ts'
import type { HostParameters, Network, NetworkInputs } from '../src/models/network.ts'
import { unet2dCondition, unet2dConditionSchema } from '../src/models/unet2d-condition.ts'
import { Rng } from '../src/random/rng.ts'
import { trainSignature, trainStep } from '../src/train/step.ts'
import type { Outcome } from './job.ts'
import type { LatentJob } from './latent.ts'

/** Does the job in the first argument in a process of its own, and prints an {@link Outcome} as JSON. */
const job: LatentJob = JSON.parse(process.argv[2])
const { widths, heads, layers, context } = job.network
const attending = (type: string, other: string, plain: number) =>
  widths.map((_, i) => (i === plain ? other : type))
const unet = unet2dCondition(
  unet2dConditionSchema.parse({
    block_out_channels: widths,
    layers_per_block: layers,
    attention_head_dim: heads,
    cross_attention_dim: context,
    down_block_types: attending('CrossAttnDownBlock2D', 'DownBlock2D', widths.length - 1),
    up_block_types: attending('CrossAttnUpBlock2D', 'UpBlock2D', 0),
  }),
)
const network = latentDenoiser(unet, { height: job.size, width: job.size, tokens: job.tokens })
const rng = Rng.seeded(0)
const began = performance.now()
const act = await (job.task === 'train' ? trainer(network) : predictor(network))
const compile = performance.now() - began
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
  median: times.toSorted((a, b) => a - b)[times.length >> 1],
  growth: held('VmRSS') - before,
  peak: held('VmHWM'),
  compile,
}
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit())

/** One step: forward, backward, AdamW and the moving average of the weights. */
async function trainer(network: Network): Promise<() => Promise<number>> {
  const signature = trainSignature(network, job.batch)
  const step = await onnxEngine({ threads: job.threads }).compileStep('train', trainStep(network), signature)
  const constants: Record<string, number> = {
    alpha: 0.8,
    sigma: 0.6,
    targetData: 0,
    targetNoise: 1,
    weight: 1,
    time: 500,
    learningRate: 1e-4,
    biasCorrection1: 0.9,
    biasCorrection2: 0.9,
    averageDecay: 0.999,
  }
  const inputs = Object.fromEntries(
    Object.entries(signature.inputs as Record<string, TensorSpec>).map(([name, { shape }]) => {
      const values = new Float32Array(sizeOf(shape))
      return [name, tensor(shape, name in constants ? values.fill(constants[name]) : rng.fillNormal(values))]
    }),
  )
  const parameters = weights(network)
  const zeros = Object.fromEntries(
    Object.entries(parameters).map(([name, { shape }]) => [
      name,
      tensor(shape, new Float32Array(sizeOf(shape))),
    ]),
  )
  await step.write({ parameters, average: parameters, first: zeros, second: zeros })
  return async () => ((await step.run(inputs)).loss as HostTensor).values[0]
}

/** One prediction. */
async function predictor(network: Network): Promise<() => Promise<number>> {
  const signature = {
    parameters: network.parameters,
    sample: float32(job.batch, network.horizon, network.channels),
    time: float32(job.batch),
    condition: float32(job.batch, network.condition),
  }
  const compiled = await onnxEngine({ threads: job.threads }).compile(
    'predict',
    (inputs) => ({
      prediction: network.apply(inputs.parameters as never, inputs as unknown as NetworkInputs),
    }),
    signature,
  )
  const random = ({ shape }: TensorSpec) => tensor(shape, rng.fillNormal(new Float32Array(sizeOf(shape))))
  const inputs = {
    parameters: weights(network),
    sample: random(signature.sample),
    time: tensor([job.batch], new Float32Array(job.batch).fill(500)),
    condition: random(signature.condition),
  }
  return async () => ((await compiled.run(inputs)).prediction as HostTensor).values[0]
}

/** Small numbers by a cheap formula: random ones for 860 M weights would take longer than what is measured. */
function weights(network: Network): HostParameters {
  let place = 0
  return Object.fromEntries(
    Object.entries(network.parameters).map(([name, { shape }]) => {
      const values = new Float32Array(sizeOf(shape))
      const isScale = /norm\w*\.weight$/.test(name)
      for (let i = 0; i < values.length; i++) {
        place = (place + 0x9e3779b9) | 0
        values[i] = isScale ? 1 : place * 1e-11
      }
      return [name, tensor(shape, values)]
    }),
  )
}

function tensor(shape: readonly number[], values: Float32Array): HostTensor {
  return { shape, dtype: 'float32', values }
}

/** A figure of this process' memory in MiB; beside Linux, the most it ever held stands for any. */
function held(key: 'VmRSS' | 'VmHWM'): number {
  try {
    const line = readFileSync('/proc/self/status', 'utf8')
      .split('\n')
      .find((each) => each.startsWith(key))
    return Number(line?.match(/\d+/)?.[0]) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}
