import type { Command } from 'commander'
import { loadEnvironment } from '../../../envs/index.ts'
import { checkpointOption, positive, whole } from '../arguments.ts'
import type { Output } from '../output.ts'
import type { Which } from '../rollout.ts'

/** `diagnose`: what a run does with its noise. */
export function addDiagnose(program: Command, output: () => Output): void {
  program
    .command('diagnose')
    .description('see how a run chooses its noise, and what its network makes of it')
    .requiredOption('--run <dir>', 'folder of the run')
    .addOption(checkpointOption())
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
        const { diagnoseRun } = await import('../diagnose.ts')
        await diagnoseRun({ ...rest, which, page, loadEnvironment, output: output() })
      },
    )
}
