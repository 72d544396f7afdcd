import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { environmentNames, loadEnvironment } from '../../envs/index.ts'
import { DEFAULT_PORT } from '../../viewer/server/port.ts'
import { PROTOCOLS } from '../benchmark/protocol.ts'
import { imageSchema } from '../config/images.ts'
import { latentSchema } from '../config/latent.ts'
import { jsonSchema } from '../config/parse.ts'
import { plannerSchema } from '../config/planner.ts'
import { isImageConfig, isLatentConfig, parseRunConfig, type RunConfig } from '../config/run-config.ts'
import { width } from '../env/space.ts'
import { InputError } from '../errors.ts'
import { PARTS, readRun } from '../run/run-folder.ts'
import type { ThreadJob } from '../train/run-thread-worker.ts'
import type { BenchOptions } from './bench.ts'
import type { EvaluationRequest } from './evaluate-images.ts'
import { createOutput, type Output } from './output.ts'
import type { Which } from './rollout.ts'
import { ALL_PRESETS, readConfig } from './settings.ts'
import { table } from './tables.ts'

/** Exit code of a command that Ctrl-C stopped. */
const INTERRUPTED = 130

/** Where a benchmark's results go unless told otherwise. */
const BENCHMARK_FOLDER = 'benchmark'

interface ViewOptions {
  readonly checkpoint: Which
  readonly episodes: number
  readonly live?: boolean
  readonly environment?: string
  readonly port: number
  readonly host?: string
  readonly open?: boolean
  readonly record?: string
  readonly export?: string
}

interface Common {
  readonly json?: boolean
}

interface SampleOptions {
  readonly run?: string
  readonly pipeline?: string
  readonly count: number
  readonly class: string[]
  readonly prompt: string[]
  readonly negative: string
  readonly seed: number
  readonly solver?: string
  readonly steps?: number
  readonly guidance?: number
  readonly batch?: number
  readonly size?: number
  readonly checkpoint: Which
  readonly image?: string
  readonly mask?: string
  readonly out?: string
}

type EvaluateOptions = Omit<EvaluationRequest, 'which' | 'output'> & { readonly checkpoint: Which }

/** The command line, not yet parsed. Commands load what they need when they run, so that each starts quickly. */
export function createProgram(): Command {
  const program = new Command('immiscible')
    .description('Train diffusion planners with immiscible noise coupling, and see how they do.')
    .option('--json', 'records for machines, one line of JSON each')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(see --help)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  const output = () => createOutput(program.opts<Common>().json ?? false)

  program
    .command('start')
    .description('collect demonstrations, train a planner, roll it out and draw where it went')
    .option('--preset <name>', 'what to train', 'start')
    .option('--run <dir>', 'folder of the run', 'runs/start')
    .option('--set <key=value>', 'change a setting, such as training.steps=500', append, [])
    .action(async (options: { preset: string; run: string; set: string[] }) => {
      await trainAndShow(options.preset, options.set, options.run, output())
    })

  program
    .command('demos')
    .description("collect an expert's demonstrations as a zarr v2 replay buffer")
    .argument('<environment>', 'name, or path of a module that exports one')
    .option('--count <n>', 'episodes', whole, 500)
    .option('--seed <n>', 'seed of the expert', whole, 0)
    .option('--out <path>', 'folder, or file that ends in .zip (default: under data/)')
    .option('--overwrite', 'replace what is there')
    .action(
      async (name: string, options: { count: number; seed: number; out?: string; overwrite?: boolean }) => {
        const { collect, demonstrationsPath } = await import('./demonstrations.ts')
        const environment = await loadEnvironment(name)
        const { count, seed, overwrite } = options
        const path = options.out ?? demonstrationsPath(environment.name, count, seed)
        await collect(environment, { count, seed, path, overwrite }, output())
      },
    )

  program
    .command('train')
    .description('train a planner or an image generator in a run folder')
    .argument('[preset or config.json]', 'what to train; not needed with --resume')
    .option('--set <key=value>', 'change a setting, such as coupling.type=independent', append, [])
    .option('--coupling <type>', 'short for --set coupling.type=<type>')
    .option('--run <dir>', 'folder of the run (default: runs/<preset>)')
    .option('--resume', 'go on with the run in the folder')
    .option('--view', 'watch it in the browser')
    .action(
      async (
        source: string | undefined,
        options: { set: string[]; coupling?: string; run?: string; resume?: boolean; view?: boolean },
      ) => {
        const set = options.coupling === undefined ? [] : [`coupling.type=${options.coupling}`]
        const { config, folder } = await trainingTarget(source, { ...options, set: [...set, ...options.set] })
        await trainOrExit(config, folder, options.resume ?? false, output(), options.view)
      },
    )

  program
    .command('rollout')
    .description('roll out a trained planner')
    .requiredOption('--run <dir>', 'folder of the run')
    .option('--episodes <n>', 'number of episodes (default: as in the config)', whole)
    .option('--seed <n>', 'seed of the first episode (default: as in the config)', whole)
    .addOption(
      new Option('--checkpoint <which>', 'whose weights').choices(['latest', 'best']).default('latest'),
    )
    .option('--plot <path>', 'draw the paths, as .svg or .html')
    .action(
      async (options: {
        run: string
        episodes?: number
        seed?: number
        checkpoint: Which
        plot?: string
      }) => {
        const { run, episodes, seed, checkpoint: which, plot } = options
        const out = output()
        const [{ checkPlotPath, writePlot }, { rollOut }] = await Promise.all([
          import('./plot.ts'),
          import('./rollout.ts'),
        ])
        if (plot !== undefined) checkPlotPath(plot)
        const done = await rollOut({ run, which, episodes, seed, loadEnvironment, output: out })
        if (plot !== undefined) await writePlot(plot, done, out)
      },
    )

  program
    .command('diagnose')
    .description('see how a run chooses its noise, and what its network makes of it')
    .requiredOption('--run <dir>', 'folder of the run')
    .addOption(
      new Option('--checkpoint <which>', 'whose weights').choices(['latest', 'best']).default('latest'),
    )
    .option('--samples <n>', 'samples whose noise is looked at (default: 4,096, fewer if large)', positive)
    .option('--noises <n>', 'noises that the network starts from (default: 256, of images 64)', positive)
    .option('--seed <n>', 'seed of what is drawn here', whole, 0)
    .option('--page <path>', 'where to draw, as .html (default: <run>/diagnosis.html)')
    .action(
      async (options: {
        run: string
        checkpoint: Which
        samples?: number
        noises?: number
        seed: number
        page?: string
      }) => {
        const { checkpoint: which, page = `${options.run}/diagnosis.html`, ...rest } = options
        const { diagnoseRun } = await import('./diagnose.ts')
        await diagnoseRun({ ...rest, which, page, loadEnvironment, output: output() })
      },
    )

  const benchmark = program
    .command('bench')
    .description('compare couplings with vanilla diffusion; see docs/benchmark')
  benchmark
    .command('run', { isDefault: true })
    .description(`run the jobs of a protocol: ${Object.keys(PROTOCOLS).join(', ')}`)
    .argument('<protocol>')
    .option('--out <dir>', 'folder of results and runs', BENCHMARK_FOLDER)
    .option('--tasks <names>', 'only these, separated by commas', names)
    .option('--arms <names>', 'only these, separated by commas', names)
    .option('--seeds <n>', 'seeds of every arm (default: as the protocol says)', whole)
    .option('--workers <n>', 'jobs at a time, each on one thread (default: one for each core)', whole)
    .option('--set <key=value>', 'change a setting of every job, such as training.steps=500', append, [])
    .option('--list', 'list the jobs and run none')
    .action(async (protocol: string, options: BenchOptions) => {
      const out = output()
      const { bench } = await import('./bench.ts')
      if (!(await stoppable(out, (signal) => bench(protocol, options, out, signal))))
        process.exit(INTERRUPTED)
    })

  benchmark
    .command('report')
    .description('write the report of the results: report.html and report.md')
    .option('--out <dir>', 'folder of the results', BENCHMARK_FOLDER)
    .option('--metric <name>', 'what policies are compared by', 'success')
    .action(async ({ out: folder, metric }: { out: string; metric: string }) => {
      const out = output()
      const { writeReport } = await import('../benchmark/report/write.ts')
      const { page, text } = await writeReport(folder, metric, loadEnvironment)
      out.say(`report in ${page} and ${text}`)
      out.record({ type: 'report', page, text })
    })

  program
    .command('sample')
    .description('make images with a trained run, or with a Stable Diffusion pipeline in diffusers’ layout')
    .option('--run <dir>', 'folder of the run')
    .option('--pipeline <dir>', 'folder of a pipeline, instead of a run')
    .option('--count <n>', 'number of images', whole, 64)
    .option('--class <name>', 'class to make, more than once for several (default: all in turn)', append, [])
    .option('--prompt <text>', 'latent diffusion: text instead of a class', append, [])
    .option('--negative <text>', 'latent diffusion: what to lead away from', '')
    .option('--seed <n>', 'image i of a seed is the same however many are made', whole, 0)
    .option(
      '--solver <type>',
      'sampler, such as euler, heun, midpoint, dopri5, ddim, dpm-solver or pndm (default: as in the config)',
    )
    .option('--steps <n>', 'steps of the sampler', whole)
    .option('--guidance <w>', 'how much to exaggerate the class', real)
    .option('--batch <n>', 'images made together', whole)
    .option('--size <pixels>', 'height and width, for a pipeline', whole)
    .addOption(
      new Option('--checkpoint <which>', 'whose weights').choices(['latest', 'best']).default('latest'),
    )
    .option('--image <path>', 'an image to keep parts of, with --mask')
    .option('--mask <path>', 'white where the image is to be made anew')
    .option('--out <dir>', 'where to; what is there already is kept (default: <run>/images)')
    .action((options: SampleOptions) => sampleWith(options, output()))

  program
    .command('evaluate')
    .description('measure generated images against real ones: Fréchet and kernel distance, precision, recall')
    .option('--run <dir>', 'run whose samples are measured')
    .option('--images <dir>', 'folder of images, instead of a run')
    .option('--reference <what>', "mnist, a folder of images, or a run (default: the run's own images)")
    .option(
      '--features <what>',
      'pixels, classifier, or the path of a feature extractor as .onnx (default: as the run says, or pixels)',
    )
    .option('--count <n>', 'samples of the run (default: as its config says)', whole)
    .option('--seed <n>', 'of the samples', whole)
    .option('--solver <type>', 'sampler (default: as in the config)')
    .option('--steps <n>', 'steps of the sampler', whole)
    .option('--guidance <w>', 'how much to exaggerate the class', real)
    .option('--batch <n>', 'images made together', whole)
    .option('--size <pixels>', 'height and width, where nothing else tells', whole)
    .addOption(
      new Option('--checkpoint <which>', 'whose weights').choices(['latest', 'best']).default('latest'),
    )
    .option('--cache <dir>', 'where features of real images are kept (default: data/features)')
    .action(async ({ checkpoint: which, ...options }: EvaluateOptions) => {
      const { evaluateImages } = await import('./evaluate-images.ts')
      await evaluateImages({ ...options, which, output: output() })
    })

  program
    .command('export')
    .description('write a run of latent diffusion as a pipeline that diffusers loads')
    .requiredOption('--run <dir>', 'folder of the run')
    .requiredOption('--out <dir>', 'new folder of the pipeline')
    .option('--half', 'store the denoiser in half precision', false)
    .option('--onnx', 'also write unet/model.onnx and vae_decoder/model.onnx', false)
    .action(async (options: { run: string; out: string; half: boolean; onnx: boolean }) => {
      const { exportLatent } = await import('./latent.ts')
      await exportLatent(options, output())
    })

  program
    .command('view')
    .description('watch planning, denoising and training in the browser')
    .argument(
      '[paths...]',
      'folders of runs (two are compared), datasets, or a recording (default: the newest run)',
    )
    .addOption(
      new Option('--checkpoint <which>', 'whose weights').choices(['latest', 'best']).default('latest'),
    )
    .option('--episodes <n>', 'episodes to roll out, or demonstrations to show', whole, 24)
    .option('--live', 'roll out one episode after another, as fast as the robot moves')
    .option('--environment <name>', 'of a dataset that does not name it')
    .option('--port <n>', 'port to listen on; the next free one is taken', whole, DEFAULT_PORT)
    .option('--host <address>', 'let other machines connect; the address then holds a token')
    .option('--open', 'show it in the browser')
    .option(
      '--record <file>',
      'write all that is shown to this file, to be viewed again; name it *.recording',
    )
    .option('--export <file>', 'write one page of HTML that needs no server, and serve nothing')
    .action(async (paths: string[], options: ViewOptions) => {
      const { checkpoint: which, ...rest } = options
      const { view } = await import('./view/view.ts')
      const signal = interrupted()
      await view({ paths, which, ...rest, loadEnvironment, output: output(), signal })
    })

  program
    .command('envs')
    .description('list the environments')
    .action(async () => {
      const out = output()
      const all = await Promise.all(environmentNames().map(loadEnvironment))
      out.say(
        table(
          ['name', 'observation', 'action', 'modes', 'expert', ''],
          all.map(({ name, dynamics, demonstrate, summary }) => [
            name,
            `${width(dynamics.observation)}`,
            `${width(dynamics.action)}`,
            `${dynamics.modes?.names.length ?? '-'}`,
            demonstrate ? 'yes' : 'no',
            summary,
          ]),
        ),
      )
      for (const { name, summary } of all) out.record({ name, summary })
    })

  program
    .command('devices')
    .description('say what this machine can run on, and why not on the rest')
    .action(async () => {
      const out = output()
      const { devices } = await import('../engine/index.ts')
      const reports = await devices()
      out.say(
        table(
          ['engine', 'device', 'available', ''],
          reports.map(({ engine, device, available, detail }) => [
            engine,
            device,
            available ? 'yes' : 'no',
            detail,
          ]),
        ),
      )
      for (const report of reports) out.record(report)
    })

  program
    .command('presets')
    .description('list the presets, or print one as a config')
    .argument('[name]')
    .action(async (name?: string) => {
      const out = output()
      if (name !== undefined) {
        process.stdout.write(`${JSON.stringify(await readConfig(name, []), null, 2)}\n`)
        return
      }
      out.say(
        table(
          ['name', ''],
          Object.entries(ALL_PRESETS).map(([key, { summary }]) => [key, summary]),
        ),
      )
      for (const [key, { summary }] of Object.entries(ALL_PRESETS)) out.record({ name: key, summary })
    })

  program
    .command('schema')
    .description('print the JSON schema of configs')
    .option('--images', 'of image generators rather than planners')
    .option('--latent', 'of latent diffusion')
    .action((options: { images?: boolean; latent?: boolean }) => {
      const schema = options.latent ? latentSchema : options.images ? imageSchema : plannerSchema
      process.stdout.write(`${JSON.stringify(jsonSchema(schema), null, 2)}\n`)
    })

  return program
}

/** Makes images with whatever generator the run or the folder holds. */
async function sampleWith(options: SampleOptions, output: Output): Promise<void> {
  const { class: classes, prompt: prompts, checkpoint: which, image, mask, run, pipeline, ...rest } = options
  if (run === undefined && pipeline === undefined) {
    throw new InputError(
      'What shall make the images? Give the folder of a run or of a pipeline: --run DIR or --pipeline DIR.',
    )
  }
  if (pipeline !== undefined || isLatentConfig((await readRun(run!)).config)) {
    if (image !== undefined || mask !== undefined || which === 'best') {
      throw new InputError('Latent diffusion has no --image, --mask or --checkpoint best; leave them out.')
    }
    const { sampleLatent } = await import('./latent.ts')
    const out = rest.out ?? (run === undefined ? undefined : `${run}/images`)
    await sampleLatent({ ...rest, run, pipeline, classes, prompts, sampler: rest.solver, out }, output)
    return
  }
  if (prompts.length > 0 || rest.negative !== '' || rest.size !== undefined || classes.length > 1) {
    throw new InputError(
      `${run} is told one class at most: it takes no --prompt, --negative or --size, and --class once.`,
    )
  }
  const { sampleImages } = await import('./sample.ts')
  const { batch = 64, out = `${run}/images`, negative: _, size: __, ...settings } = rest
  await sampleImages({
    ...settings,
    run: run!,
    batch,
    image,
    mask,
    which,
    className: classes[0],
    out,
    output,
  })
}

async function trainingTarget(
  source: string | undefined,
  options: { readonly set: readonly string[]; readonly run?: string; readonly resume?: boolean },
): Promise<{ config: RunConfig; folder: string }> {
  if (options.resume) {
    const folder = options.run ?? (source === undefined ? undefined : defaultFolder(source))
    if (folder === undefined) throw new InputError('--resume needs the folder of the run; give --run DIR.')
    if (options.set.length > 0) {
      throw new InputError(
        '--set cannot change a run that is under way; start another run with its settings.',
      )
    }
    return { config: await configOf(folder), folder }
  }
  if (source === undefined) {
    throw new InputError(
      `What shall be trained? Give a config.json or a preset: ${Object.keys(ALL_PRESETS).join(', ')}.`,
    )
  }
  return { config: await readConfig(source, options.set), folder: options.run ?? defaultFolder(source) }
}

function defaultFolder(source: string): string {
  return `runs/${source.replace(/^.*[/\\]/, '').replace(/\.json$/, '')}`
}

async function configOf(folder: string): Promise<RunConfig> {
  // Latent diffusion begins with what it needs, before there is a run.
  const early = `${folder}/${PARTS}/config.json`
  if (!existsSync(`${folder}/config.json`) && existsSync(early)) {
    return parseRunConfig(JSON.parse(await readFile(early, 'utf8')), early)
  }
  const { config } = await readRun(folder)
  return parseRunConfig(config, `${folder}/config.json`)
}

/** Trains; a stop by Ctrl-C leaves a checkpoint and ends the process with {@link INTERRUPTED}. */
async function trainOrExit(
  config: RunConfig,
  folder: string,
  resume: boolean,
  output: Output,
  watched = false,
): Promise<void> {
  const { runTraining } = await import('./training.ts')
  const complete = await stoppable(output, async (signal) => {
    const job = await jobOf(config, { folder, ...(!resume && { config }) }, output)
    output.say(`run folder ${folder}`)
    const viewing = watched ? await watchTraining(folder, output) : undefined
    const onEvent = viewing?.onEvent
    const complete = await runTraining({ job, config, output, signal, onEvent })
    if (complete) await viewing?.stay(signal)
    return complete
  })
  if (!complete) process.exit(INTERRUPTED)
}

/** Shows training in the browser. */
async function watchTraining(folder: string, output: Output) {
  const { viewTraining } = await import('./view/train-view.ts')
  return viewTraining({ folder, loadEnvironment, output })
}

/** Runs something that Ctrl-C stops with a checkpoint. */
async function stoppable<T>(output: Output, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => {
    // The second time, the user means it.
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    output.warn('stopping after this step, with a checkpoint; once more to stop at once')
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await action(controller.signal)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

/** What a training thread is asked for: planners need their demonstrations first. */
async function jobOf(
  config: RunConfig,
  target: { readonly folder: string; readonly config?: RunConfig },
  output: Output,
): Promise<ThreadJob> {
  if (isLatentConfig(config)) {
    const { folder } = target
    return { kind: 'latent', request: { folder, ...(target.config && { config }) } }
  }
  if (isImageConfig(config)) {
    const { folder } = target
    return { kind: 'images', request: { folder, ...(target.config && { config }) } }
  }
  const { demonstrationsFor } = await import('./demonstrations.ts')
  const environment = await loadEnvironment(config.environment)
  const demonstrations = await demonstrationsFor(config, environment, output)
  const { folder } = target
  const { module } = environment
  return {
    kind: 'planner',
    request: { folder, ...(target.config && { config }), environment: module, demonstrations },
  }
}

async function trainAndShow(
  preset: string,
  set: readonly string[],
  folder: string,
  output: Output,
): Promise<void> {
  const resume = existsSync(`${folder}/config.json`)
  const config = resume ? await configOf(folder) : await readConfig(preset, set)
  if (isImageConfig(config) || isLatentConfig(config)) {
    throw new InputError(
      `${preset} trains an image generator, which cannot be rolled out; use "train" for it.`,
    )
  }
  if (resume) output.say(`${folder} is there already: going on with it (delete it to begin anew)`)
  await trainOrExit(config, folder, resume, output)
  const [{ writePlot }, { rollOut }] = await Promise.all([import('./plot.ts'), import('./rollout.ts')])
  const done = await rollOut({ run: folder, which: 'latest', episodes: 100, loadEnvironment, output })
  await writePlot(`${folder}/rollouts.html`, done, output)
  await writePlot(`${folder}/rollouts.svg`, done, output)
  const { offerView } = await import('./view/offer.ts')
  await offerView(folder, loadEnvironment, output, interrupted())
}

/** Aborted by Ctrl-C. */
function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

function append(value: string, previous: string[]): string[] {
  return [...previous, value]
}

/** `a,b` → ['a', 'b'] */
function names(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}

function real(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.')
  return value
}

function positive(text: string): number {
  const value = whole(text)
  if (value < 1) throw new InvalidArgumentError('It must be at least 1.')
  return value
}

function whole(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.')
  return value
}
