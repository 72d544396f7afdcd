import type { Command } from 'commander'
import { loadEnvironment } from '../../../envs/index.ts'
import { DEFAULT_PORT } from '../../../viewer/server/port.ts'
import { checkpointOption, positive, whole } from '../arguments.ts'
import { interrupted } from '../interrupt.ts'
import type { Output } from '../output.ts'
import type { Which } from '../rollout.ts'

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

/** `view`: runs, datasets and recordings in the browser. */
export function addView(program: Command, output: () => Output): void {
  program
    .command('view')
    .description('watch planning, denoising and training in the browser')
    .argument(
      '[paths...]',
      'folders of runs (two are compared), datasets, or a recording (default: the newest run)',
    )
    .addOption(checkpointOption())
    .option('--episodes <n>', 'episodes to roll out, or demonstrations to show', positive, 24)
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
      const { view } = await import('../view/view.ts')
      const signal = interrupted()
      await view({ paths, which, ...rest, loadEnvironment, output: output(), signal })
    })
}
