import type { Command } from 'commander'
import { isLatentConfig } from '../../config/run-config.ts'
import { InputError } from '../../errors.ts'
import { readRun } from '../../run/run-folder.ts'
import { append, checkpointOption, positive, real, whole } from '../arguments.ts'
import type { Output } from '../output.ts'
import type { Which } from '../rollout.ts'

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

/** `sample`: images of a run or of a pipeline. */
export function addSample(program: Command, output: () => Output): void {
  program
    .command('sample')
    .description('make images with a trained run, or with a Stable Diffusion pipeline in diffusers’ layout')
    .option('--run <dir>', 'folder of the run')
    .option('--pipeline <dir>', 'folder of a pipeline, instead of a run')
    .option('--count <n>', 'number of images', positive, 64)
    .option('--class <name>', 'class to make, more than once for several (default: all in turn)', append, [])
    .option('--prompt <text>', 'latent diffusion: text instead of a class', append, [])
    .option('--negative <text>', 'latent diffusion: what to lead away from', '')
    .option('--seed <n>', 'image i of a seed is the same however many are made', whole, 0)
    .option(
      '--solver <type>',
      'sampler, such as euler, heun, midpoint, dopri5, ddim, dpm-solver or pndm (default: as in the config)',
    )
    .option('--steps <n>', 'steps of the sampler', positive)
    .option('--guidance <w>', 'how much to exaggerate the class', real)
    .option('--batch <n>', 'images made together', positive)
    .option('--size <pixels>', 'height and width, for a pipeline', positive)
    .addOption(checkpointOption())
    .option('--image <path>', 'an image to keep parts of, with --mask')
    .option('--mask <path>', 'white where the image is to be made anew')
    .option('--out <dir>', 'where to; what is there already is kept (default: <run>/images)')
    .action((options: SampleOptions) => sampleWith(options, output()))
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
    const { sampleLatent } = await import('../latent.ts')
    const out = rest.out ?? (run === undefined ? undefined : `${run}/images`)
    await sampleLatent({ ...rest, run, pipeline, classes, prompts, sampler: rest.solver, out }, output)
    return
  }
  if (prompts.length > 0 || rest.negative !== '' || rest.size !== undefined || classes.length > 1) {
    throw new InputError(
      `${run} is told one class at most: it takes no --prompt, --negative or --size, and --class once.`,
    )
  }
  const { sampleImages } = await import('../sample.ts')
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
