import type { Command } from 'commander'
import type { RunConfig } from '../../config/run-config.ts'
import { InputError } from '../../errors.ts'
import { append } from '../arguments.ts'
import type { Output } from '../output.ts'
import { ALL_PRESETS, configOf, readConfig } from '../settings.ts'
import { trainOrExit } from '../train-or-exit.ts'

interface TrainOptions {
  readonly set: string[]
  readonly coupling?: string
  readonly strict?: boolean
  readonly run?: string
  readonly resume?: boolean
  readonly view?: boolean
}

/** `train`: runs of every kind, begun or gone on with. */
export function addTrain(program: Command, output: () => Output): void {
  program
    .command('train')
    .description('train a planner or an image generator in a run folder')
    .argument('[preset or config.json]', 'what to train; not needed with --resume')
    .option('--set <key=value>', 'change a setting, such as coupling.type=independent', append, [])
    .option('--coupling <type>', 'short for --set coupling.type=<type>')
    .option('--strict', 'short for --set images.source.strict=true: an unreadable image is an error')
    .option('--run <dir>', 'folder of the run (default: runs/<preset>)')
    .option('--resume', 'go on with the run in the folder')
    .option('--view', 'watch it in the browser')
    .action(async (source: string | undefined, options: TrainOptions) => {
      const set = [
        ...(options.coupling === undefined ? [] : [`coupling.type=${options.coupling}`]),
        ...(options.strict ? ['images.source.strict=true'] : []),
        ...options.set,
      ]
      const { config, folder } = await trainingTarget(source, { ...options, set })
      await trainOrExit(config, folder, options.resume ?? false, output(), options.view)
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
