import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import { imageSchema } from '../config/images.ts'
import { parseConfig } from '../config/parse.ts'
import { plannerSchema } from '../config/planner.ts'
import { isImageConfig, isLatentConfig } from '../config/run-config.ts'
import type { Activation } from '../coupling/index.ts'
import { pixelsOf } from '../data/images/image-rows.ts'
import { loadImages } from '../data/images/load.ts'
import { type Normalizer, unnormalize } from '../data/normalizer.ts'
import { readReplayBuffer } from '../data/replay-buffer.ts'
import { type DiagnoseOptions, type Diagnosis, diagnose, type Subject } from '../diagnose/diagnose.ts'
import { findings } from '../diagnose/findings.ts'
import { type Drawing, diagnosisPage, plainPaths } from '../diagnose/page.ts'
import type { SamplerConfig } from '../diffusion/index.ts'
import { createEngine } from '../engine/index.ts'
import type { Environment } from '../env/environment.ts'
import { plannedPath } from '../env/planned-path.ts'
import { InputError } from '../errors.ts'
import { gridPng } from '../generate/grid.ts'
import { openPipeline } from '../pipeline/folder.ts'
import { latentDecoder } from '../pipeline/latent-generator.ts'
import { codec } from '../policy/codec.ts'
import { createPolicy } from '../policy/policy.ts'
import { type Rows, row, rows, zeroRows } from '../rows.ts'
import { latestCheckpoint } from '../run/checkpoint.ts'
import { bestCheckpoint } from '../run/retention.ts'
import { type RunView, readRun } from '../run/run-folder.ts'
import { IMAGE_RANKING } from '../train/image-run.ts'
import { imageTask } from '../train/image-task.ts'
import { classCaptions } from '../train/latent/captions.ts'
import { latentsPath } from '../train/latent/latents-stage.ts'
import { imageShape } from '../train/latent/parts.ts'
import { latentTask } from '../train/latent/task.ts'
import { latentConfigOf, pipelinePath } from '../train/latent-run.ts'
import { RANKING } from '../train/planner-run.ts'
import { plannerTask } from '../train/planner-task.ts'
import type { TrainingTask } from '../train/task.ts'
import { demonstrationsFor } from './demonstrations.ts'
import type { Output } from './output.ts'
import { chooseCheckpoint, type Which } from './rollout.ts'
import { table } from './tables.ts'

/** What to diagnose, and where to write what was found. */
export interface DiagnoseRequest extends Pick<DiagnoseOptions, 'samples' | 'noises' | 'seed'> {
  readonly run: string
  readonly which: Which
  /** Page of HTML. */
  readonly page: string
  readonly loadEnvironment: (name: string) => Promise<Environment>
  readonly output: Output
}

/** A run of whatever kind, opened to look into. */
interface Opened {
  readonly subject: Subject
  /** What it is, for people. */
  readonly summary: string
  readonly drawing?: Drawing
  readonly remarks?: readonly string[]
  close?(): Promise<void>
}

/** Diagnoses a run, prints a table and draws a page. */
export async function diagnoseRun(request: DiagnoseRequest): Promise<void> {
  const { run: path, page, output, samples, noises, seed } = request
  if (!page.endsWith('.html')) {
    throw new InputError(`Cannot draw to ${page}; give a name that ends in .html.`)
  }
  const opened = await open(request)
  const stages = 5
  const progress = output.progress('diagnosis', stages)
  let stage = 0
  try {
    const options = { samples, noises, seed, onStage: (name: string) => progress.update(stage++, name) }
    const found = await diagnose(opened.subject, options)
    progress.stop()
    const diagnosis = { ...found, remarks: [...found.remarks, ...(opened.remarks ?? [])] }
    const { summary, drawing } = opened
    output.say(`\n${basename(resolve(path))}: ${summary}`)
    output.say(
      table(
        ['', 'found', 'beside', ''],
        findings(diagnosis).map(({ what, value, beside, says }) => [what, value, beside, says]),
      ),
    )
    for (const remark of diagnosis.remarks) output.say(remark)
    output.record({ type: 'diagnosis', run: path, ...plain(diagnosis) })
    const title = `Diagnosis of ${basename(resolve(path))}`
    await writeFileAtomic(page, await diagnosisPage({ title, summary, diagnosis, drawing }))
    output.say(`drawn in ${resolve(page)}`)
    output.record({ type: 'page', path: page })
  } finally {
    progress.stop()
    await opened.close?.()
  }
}

/** What goes into a line of JSON: everything but the samples. */
function plain({ coupling, network, remarks }: Diagnosis): object {
  if (!network) return { coupling, remarks }
  const { step, contest, response, distinct, firstStep } = network
  const { distance, within, share, gap, samples } = contest
  const signal = { network: firstStep.network.signal, ideal: firstStep.ideal.signal }
  return {
    coupling,
    network: {
      step,
      contest: { samples: samples.rows, distance, within, share, gap },
      response,
      distinct,
      firstStep: { time: firstStep.network.time, signal },
    },
    remarks,
  }
}

async function open(request: DiagnoseRequest): Promise<Opened> {
  const { run: path } = request
  // Latent diffusion makes its parts before there is a run.
  if (existsSync(join(path, 'parts')) && !existsSync(join(path, 'config.json'))) {
    throw new InputError(`${path} is still making its parts; diagnose it once its training has begun.`)
  }
  const run = await readRun(path)
  if (isLatentConfig(run.config)) return openLatent(request, run)
  return isImageConfig(run.config) ? openImages(request, run) : openPlanner(request, run)
}

/** The weights to look at with what belongs to them; undefined before the first checkpoint. */
async function weightsOf(
  run: RunView,
  { which, output }: DiagnoseRequest,
  ranking: typeof RANKING | typeof IMAGE_RANKING,
) {
  const any =
    (await latestCheckpoint(run.checkpoints)).checkpoint ??
    (await bestCheckpoint(run.checkpoints, ranking)).best
  return any && chooseCheckpoint(run, which, output, ranking)
}

/** A subject with the weights of a checkpoint, if there is one. */
async function subjectOf(
  request: DiagnoseRequest,
  run: RunView,
  task: TrainingTask,
  config: {
    readonly seed: number
    readonly training: { readonly batch: number }
    readonly sampler: SamplerConfig
    readonly engine: { readonly name: 'onnx' | 'tfjs'; readonly device: string; readonly threads?: number }
  },
  ranking: typeof RANKING | typeof IMAGE_RANKING,
): Promise<Subject> {
  const checkpoint = await weightsOf(run, request, ranking)
  const state = checkpoint?.manifest.state as { readonly activation?: Activation } | undefined
  const { name, device, threads } = config.engine
  return {
    task,
    batch: config.training.batch,
    seed: config.seed,
    step: checkpoint?.manifest.step ?? 0,
    ...(state?.activation && { activeSince: state.activation.step }),
    ...(checkpoint && {
      trained: {
        parameters: task.network.fromStateDict(checkpoint.tensors.average, checkpoint.path),
        sampler: config.sampler,
        engine: await createEngine({ engine: name, device, threads }),
      },
    }),
  }
}

async function openPlanner(request: DiagnoseRequest, run: RunView): Promise<Opened> {
  const { output, loadEnvironment } = request
  const config = parseConfig(plannerSchema, run.config, `${request.run}/config.json`)
  const environment = await loadEnvironment(config.environment)
  const demonstrations = await readReplayBuffer(await demonstrationsFor(config, environment, output), {
    columns: ['observation', 'action'],
    environment: environment.dynamics,
  })
  // A run that has not begun to train has no normalizer yet.
  const kept = existsSync(join(run.path, 'normalizer.safetensors')) ? await run.normalizer() : undefined
  const { task, normalizer } = plannerTask(config, environment, demonstrations, kept)
  const subject = await subjectOf(request, run, task, config, RANKING)
  return {
    subject,
    summary: `${environment.name}, ${task.coupling.name}, step ${subject.step}`,
    drawing: planDrawing(
      environment,
      createPolicy(config, environment).codec,
      normalizer,
      config.policy.observe,
    ),
    ...(!environment.dynamics.resembling && {
      remarks: [
        'The environment does not say what an observation looks like, so plans are drawn as the network sees them.',
      ],
    }),
  }
}

/** Plans in the world where the environment can place them, else in the network's own coordinates. */
function planDrawing(
  { dynamics }: Environment,
  options: Parameters<typeof codec>[0],
  normalizer: Normalizer,
  observe: number,
): Drawing {
  const { observationWidth, actionWidth } = options
  const written = codec(options, normalizer)
  return {
    kind: 'paths',
    draw(condition, samples) {
      if (!dynamics.resembling) return { paths: plainPaths(samples, actionWidth) }
      // However histories are written, they end with the last observation as it is.
      const seen = unnormalize(normalizer.condition, condition.values)
      const last = seen.subarray(seen.length - observationWidth)
      const state = dynamics.resembling(last)
      const histories = zeroRows(samples.rows, observe * observationWidth)
      for (let i = 0; i < samples.rows; i++) row(histories, i).set(last, (observe - 1) * observationWidth)
      const actions = written.actions(histories, samples)
      const ahead = actions.columns / actionWidth - observe + 1
      const paths = Array.from({ length: samples.rows }, (_, i) => {
        const future = rows(row(actions, i).slice((observe - 1) * actionWidth), ahead, actionWidth)
        return [dynamics.position(state), ...plannedPath(dynamics, state, future)]
      })
      return { scene: dynamics.scene(state), paths }
    },
  }
}

async function openImages(request: DiagnoseRequest, run: RunView): Promise<Opened> {
  const config = parseConfig(imageSchema, run.config, `${request.run}/config.json`)
  const images = await loadImages(config.images.source, config.images.size)
  const task = imageTask(config, images)
  const subject = await subjectOf(request, run, task, config, IMAGE_RANKING)
  const { scale } = config.images
  return {
    subject,
    summary: `${images.name}, ${task.coupling.name}, step ${subject.step}`,
    drawing: { kind: 'images', draw: (samples) => gridPng(pixelsOf(samples.values, scale), images) },
    ...(config.classes && {
      remarks: ['Samples are made without guidance, which would hide what the network does.'],
    }),
  }
}

async function openLatent(request: DiagnoseRequest, run: RunView): Promise<Opened> {
  const config = await latentConfigOf(request.run)
  const latents = latentsPath(run.path)
  if (!existsSync(latents)) {
    throw new InputError(`${latents} is missing; resume the run with "train --resume", which makes it again.`)
  }
  const images = await loadImages(config.images.source, config.images.size)
  const { captions } = await classCaptions(config, images)
  const pipeline = await openPipeline(pipelinePath(run.path, config))
  const { name, device, threads } = config.engine
  const engine = await createEngine({ engine: name, device, threads })
  const { task, parts, close } = await latentTask(config, images, captions, pipeline, latents, engine)
  const subject = await subjectOf(request, run, task, config, IMAGE_RANKING)
  const shape = imageShape(pipeline.vae, parts.height, parts.width)
  const draw = async (samples: Rows) => {
    const { height, width } = parts
    const weights = await pipeline.weights('vae')
    const decoder = await latentDecoder({
      engine,
      vae: pipeline.vae,
      weights,
      height,
      width,
      batch: samples.rows,
    })
    try {
      return await gridPng(await decoder.decode(samples), shape)
    } finally {
      await decoder.dispose()
    }
  }
  return {
    subject,
    summary: `latents of ${images.name}, ${task.coupling.name}, step ${subject.step}`,
    drawing: { kind: 'images', draw },
    remarks: ['Samples are made without guidance, which would hide what the network does.'],
    close,
  }
}
