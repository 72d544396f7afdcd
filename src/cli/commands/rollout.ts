import type { Command } from 'commander'
import { loadEnvironment } from '../../../envs/index.ts'
import { checkpointOption, positive, whole } from '../arguments.ts'
import type { Output } from '../output.ts'
import type { Which } from '../rollout.ts'

/** `rollout`: a trained planner in its environment. */
export function addRollout(program: Command, output: () => Output): void {
  program
    .command('rollout')
    .description('roll out a trained planner')
    .requiredOption('--run <dir>', 'folder of the run')
    .option('--episodes <n>', 'number of episodes (default: as in the config)', positive)
    .option('--seed <n>', 'seed of the first episode (default: as in the config)', whole)
    .addOption(checkpointOption())
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
          import('../plot.ts'),
          import('../rollout.ts'),
        ])
        if (plot !== undefined) checkPlotPath(plot)
        const done = await rollOut({ run, which, episodes, seed, loadEnvironment, output: out })
        if (plot !== undefined) await writePlot(plot, done, out)
      },
    )
}
