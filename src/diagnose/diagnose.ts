import {
  type NormTest,
  normEnergy,
  normTest,
  type Probes,
  probeCondition,
  probeLabels,
  type Separation,
  separation,
} from '../coupling/index.ts'
import { normalRows } from '../coupling/normal-rows.ts'
import {
  createSampler,
  flow,
  idealDenoiser,
  initialNoise,
  type Process,
  type Sampler,
  type SamplerConfig,
  sampleEuler,
} from '../diffusion/index.ts'
import type { Engine } from '../engine/engine.ts'
import type { HostParameters } from '../models/network.ts'
import { compilePredictor, type Predictor } from '../models/predictor.ts'
import { Rng } from '../random/rng.ts'
import { type Rows, row, rows, zeroRows } from '../rows.ts'
import { createOrder } from '../train/batches.ts'
import { createPools, type Pool } from '../train/pools.ts'
import { pickRows, type TrainingTask } from '../train/task.ts'
import { type Contest, contested } from './contested.ts'
import { type Distinct, distinctSamples } from './distinct.ts'
import { idealPrediction, networkData, repeated } from './predict.ts'
import { type FirstStep, firstStep, type Response, responseCurve } from './response.ts'

/** Steps of the ideal denoiser's sampler. */
const IDEAL_STEPS = 50
/** Numbers of a pool that is looked at, at most, unless it must be larger. */
const MOST_NUMBERS = 1 << 23
/** Bins of the histogram of distances. */
const BINS = 40
/** Wider data are images, of which fewer are made. */
const WIDE = 512

/** What is diagnosed. */
export interface Subject {
  readonly task: TrainingTask
  /** Samples of a training step. */
  readonly batch: number
  /** Seed of the run. */
  readonly seed: number
  /** Training steps done: the noise of the samples that would come next is looked at. */
  readonly step: number
  /** Since when a coupling that waits for an evaluation has been at work. */
  readonly activeSince?: number
  /** The trained network; absent to look at the coupling alone. */
  readonly trained?: {
    readonly parameters: HostParameters
    readonly sampler: SamplerConfig
    readonly engine: Engine
  }
}

/** How closely {@link diagnose} looks. */
export interface DiagnoseOptions {
  /** Samples whose noise is looked at, at least; 4,096 by default, fewer where they are large. */
  readonly samples?: number
  /** Samples gathered at one condition; 128 by default. */
  readonly neighbours?: number
  /** Noises that the network starts from; 256 by default, 64 for images. */
  readonly noises?: number
  /** Couplings of one pool from which the separation of noise clusters is told; 32 by default. */
  readonly repeats?: number
  /** Seed of what is drawn here; 0 by default. */
  readonly seed?: number
  /** Called with what is done next. */
  readonly onStage?: (name: string) => void
}

/** How the noise of some thousand samples was chosen. */
export interface CouplingDiagnosis {
  readonly name: string
  /** Samples looked at, and numbers of each. */
  readonly samples: number
  readonly columns: number
  /** Mean distance of samples to their noise relative to independent noise, and both distributions. */
  readonly distance: {
    readonly relative: number
    readonly histogram: readonly {
      readonly from: number
      readonly to: number
      readonly chosen: number
      readonly independent: number
    }[]
  }
  /** E‖n‖²/D and the test of ‖n‖² against χ². */
  readonly norm: NormTest & { readonly energy: number }
  /** What the noise tells of the condition; absent where there is neither observation nor class. */
  readonly probes?: Probes & {
    /** Observation: R². Class: accuracy. */
    readonly of: 'observation' | 'class'
    /** Whether the network is told it, so that noise that tells it too is harmful. */
    readonly told: boolean
  }
  /** How far apart the noise of different samples lies. */
  readonly separation: Separation
}

/** What a network does with noise at one condition, beside a denoiser that knows the samples there and nothing else. */
export interface NetworkDiagnosis {
  /** Training steps behind its weights. */
  readonly step: number
  readonly contest: Contest
  /** The contest's condition, [1, C]; no columns where the network takes none. */
  readonly condition: Rows
  readonly response: { readonly network: Response; readonly ideal: Response }
  readonly distinct: { readonly network: Distinct; readonly ideal: Distinct }
  readonly firstStep: { readonly network: FirstStep; readonly ideal: FirstStep }
  /** Samples from the same noise: the network's by its own sampler, the ideal ones in 50 Euler steps, [noises, D]. */
  readonly generated: { readonly network: Rows; readonly ideal: Rows }
}

/** Everything that {@link diagnose} found. */
export interface Diagnosis {
  readonly coupling: CouplingDiagnosis
  readonly network?: NetworkDiagnosis
  /** What could not be done or says little, a sentence each. */
  readonly remarks: readonly string[]
}

/**
 * Looks into a run: how its coupling chooses noise (distance, norm, what the noise tells of the condition, how far
 * the noise of different samples lies apart), and what its network makes of noise where the samples disagree
 * (response to the modes, distinct samples, one step from pure noise), beside the analytic denoiser of these samples.
 *
 * @throws InputError for samples or settings that do not fit each other
 */
export async function diagnose(subject: Subject, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { task, batch, step, activeSince, trained } = subject
  const { onStage = () => {} } = options
  const rng = Rng.seeded(options.seed ?? 0).fork('diagnose')
  const stream = Rng.seeded(subject.seed)
  const pools = createPools(task, batch, createOrder(task.training, batch, stream), stream)
  const columns = task.training.data.columns
  const wanted = options.samples ?? Math.min(4096, Math.max(512, Math.floor(MOST_NUMBERS / columns)))
  onStage('coupling')
  const pool = await pools.sample(step, wanted, activeSince)
  const coupling = await couplingDiagnosis(subject, pool, rng.fork('coupling'), options)
  const remarks: string[] = []
  if (!coupling.probes) {
    remarks.push(
      'There is neither an observation nor a class, so there is nothing that the noise could tell.',
    )
  }
  if (!trained) {
    remarks.push('The run has no checkpoint yet, so nothing is said of its network; train it first.')
    return { coupling, remarks }
  }
  const network = await networkDiagnosis(subject, trained, pool, rng.fork('network'), options)
  if (network.contest.gap < 1) {
    remarks.push(
      `No condition was found whose samples fall into two clear groups (${network.contest.gap.toFixed(2)} of the distance that separates them), so the response and the shares of the groups say little.`,
    )
  }
  return { coupling, network, remarks }
}

async function couplingDiagnosis(
  { task, batch, step, activeSince }: Subject,
  { data, noise, condition, labels }: Pool,
  rng: Rng,
  { repeats = 32, onStage = () => {} }: DiagnoseOptions,
): Promise<CouplingDiagnosis> {
  const { coupling, network } = task
  const told = network.condition > 0
  const chosen = distancesTo(data, noise)
  const independent = distancesTo(data, normalRows(rng.fork('independent'), data.rows, data.columns))
  onStage('probe')
  const probes = labels
    ? ({ ...probeLabels(noise, labels, rng.fork('probe')), of: 'class', told } as const)
    : condition &&
      ({ ...probeCondition(noise, condition, rng.fork('probe')), of: 'observation', told } as const)
  onStage('noise clusters')
  const size = Math.min(data.rows, coupling.poolBatches * batch)
  const part = (all: Rows) => rows(all.values.subarray(0, size * all.columns), size, all.columns)
  const context = {
    ...(condition && { condition: part(condition) }),
    ...(labels && { labels: labels.subarray(0, size) }),
    batchSize: batch,
    step,
    ...(activeSince !== undefined && { activeSince }),
  }
  return {
    name: coupling.name,
    samples: data.rows,
    columns: data.columns,
    distance: {
      relative: mean(chosen) / mean(independent),
      histogram: histogram(chosen, independent),
    },
    norm: { energy: normEnergy(noise), ...normTest(noise) },
    ...(probes && { probes }),
    separation: await separation(coupling, part(data), context, rng.fork('separation'), repeats),
  }
}

async function networkDiagnosis(
  { task, step }: Subject,
  trained: NonNullable<Subject['trained']>,
  pool: Pool,
  rng: Rng,
  options: DiagnoseOptions,
): Promise<NetworkDiagnosis> {
  const { network, process, training } = task
  const { neighbours = 128, onStage = () => {} } = options
  const columns = pool.data.columns
  const noises = options.noises ?? (columns > WIDE ? 64 : 256)
  const conditional = network.condition > 0
  onStage('samples that disagree')
  // What couplings cannot see, such as the embedding of a caption, they know by its label.
  const places = conditional ? (pool.condition ?? oneHot(pool.labels)) : undefined
  const contest = contested(pool.data, places, neighbours, rng.fork('contest'))
  const condition =
    conditional && training.condition
      ? await pickRows(training.condition, [pool.picked[contest.anchor]], rng.fork('condition'))
      : rows(new Float32Array(0), 1, 0)
  const predictor = await compilePredictor(
    trained.engine,
    network,
    trained.parameters,
    Math.min(noises, columns > WIDE ? 32 : 128),
  )
  try {
    const own = networkData(predictor, condition, process)
    const ideal = idealPrediction(contest.samples, process)
    const respond = rng.fork('response')
    const draws = Math.max(1, Math.floor(noises / 8))
    const streams = Array.from({ length: noises }, (_, i) => rng.fork('noise', i))
    const noise = initialNoise(streams, columns)
    onStage('response')
    const response = {
      network: await responseCurve(own, process, contest, respond, draws),
      ideal: await responseCurve(ideal, process, contest, respond, draws),
    }
    onStage('one step')
    const first = {
      network: await firstStep(own, process, noise, contest.samples),
      ideal: await firstStep(ideal, process, noise, contest.samples),
    }
    onStage('samples')
    const generated = {
      network: await sampleAll(predictor, condition, process, createSampler(trained.sampler), noise, rng),
      ideal: await sampleIdeal(contest.samples, noise),
    }
    return {
      step,
      contest,
      condition,
      response,
      distinct: {
        network: distinctSamples(generated.network, contest),
        ideal: distinctSamples(generated.ideal, contest),
      },
      firstStep: first,
      generated,
    }
  } finally {
    await predictor.dispose()
  }
}

/** Samples from each noise, as many at a time as the network was compiled for. */
async function sampleAll(
  predictor: Predictor,
  condition: Rows,
  process: Process,
  sampler: Sampler,
  noise: Rows,
  rng: Rng,
): Promise<Rows> {
  const { batch } = predictor
  const denoise = predictor.given(repeated(condition, batch))
  const out = zeroRows(noise.rows, noise.columns)
  const part = zeroRows(batch, noise.columns)
  for (let first = 0; first < noise.rows; first += batch) {
    const at = Array.from({ length: batch }, (_, i) => Math.min(first + i, noise.rows - 1))
    at.forEach((from, i) => {
      row(part, i).set(row(noise, from))
    })
    const streams = at.map((i) => rng.fork('sampler', i))
    let x = part
    for await (const made of sampler({ process, denoise, noise: part, streams })) x = made.x
    const count = Math.min(batch, noise.rows - first)
    out.values.set(x.values.subarray(0, count * x.columns), first * x.columns)
  }
  return out
}

/** Where noise goes along straight paths, whatever process the network has learned: all start from N(0, I). */
async function sampleIdeal(samples: Rows, noise: Rows): Promise<Rows> {
  const ideal = idealDenoiser(samples, flow())
  let x = noise
  for await (const made of sampleEuler({ ...ideal, noise }, { steps: IDEAL_STEPS })) x = made.x
  return x
}

function oneHot(labels: Int32Array | undefined): Rows | undefined {
  if (!labels) return undefined
  const names = [...new Set(labels)].sort((a, b) => a - b)
  const out = zeroRows(labels.length, names.length)
  labels.forEach((label, i) => {
    out.values[i * names.length + names.indexOf(label)] = 1
  })
  return out
}

function distancesTo(data: Rows, noise: Rows): Float64Array {
  return Float64Array.from({ length: data.rows }, (_, i) => {
    const other = row(noise, i)
    return Math.sqrt(row(data, i).reduce((sum, value, k) => sum + (value - other[k]) ** 2, 0))
  })
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Shares of both in bins of equal width over all there is. */
function histogram(chosen: Float64Array, independent: Float64Array) {
  const all = [...chosen, ...independent]
  const low = all.reduce((least, value) => Math.min(least, value), Infinity)
  const high = all.reduce((most, value) => Math.max(most, value), -Infinity)
  const width = (high - low) / BINS || 1
  const shares = (values: Float64Array) => {
    const counts = new Float64Array(BINS)
    for (const value of values) counts[Math.min(BINS - 1, Math.floor((value - low) / width))]++
    return counts.map((count) => count / values.length)
  }
  const [a, b] = [shares(chosen), shares(independent)]
  return Array.from({ length: BINS }, (_, bin) => ({
    from: low + bin * width,
    to: low + (bin + 1) * width,
    chosen: a[bin],
    independent: b[bin],
  }))
}
