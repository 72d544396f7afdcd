import type { Command } from 'commander'
import { checkpointOption, positive, real, whole } from '../arguments.ts'
import type { EvaluationRequest } from '../evaluate-images.ts'
import type { Output } from '../output.ts'
import type { Which } from '../rollout.ts'

type EvaluateOptions = Omit<EvaluationRequest, 'which' | 'output'> & { readonly checkpoint: Which }

/** `evaluate`: generated images beside real ones. */
export function addEvaluate(program: Command, output: () => Output): void {
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
    .option('--count <n>', 'samples of the run (default: as its config says)', positive)
    .option('--seed <n>', 'of the samples', whole)
    .option('--solver <type>', 'sampler (default: as in the config)')
    .option('--steps <n>', 'steps of the sampler', positive)
    .option('--guidance <w>', 'how much to exaggerate the class', real)
    .option('--batch <n>', 'images made together', positive)
    .option('--size <pixels>', 'height and width, where nothing else tells', positive)
    .option('--strict', 'an unreadable image is an error, not left out')
    .addOption(checkpointOption())
    .option('--cache <dir>', 'where features of real images are kept (default: data/features)')
    .action(async ({ checkpoint: which, ...options }: EvaluateOptions) => {
      const { evaluateImages } = await import('../evaluate-images.ts')
      await evaluateImages({ ...options, which, output: output() })
    })
}
