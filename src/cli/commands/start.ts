import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import { loadEnvironment } from '../../../envs/index.ts'
import { isImageConfig, isLatentConfig } from '../../config/run-config.ts'
import { InputError } from '../../errors.ts'
import { append } from '../arguments.ts'
import { interrupted } from '../interrupt.ts'
import type { Output } from '../output.ts'
import { configOf, readConfig } from '../settings.ts'
import { trainOrExit } from '../train-or-exit.ts'

interface StartOptions {
  readonly preset: string
  readonly run: string
  readonly set: string[]
}

/** `start`: the whole way from demonstrations to a picture, for newcomers. */
export function addStart(program: Command, output: () => Output): void {
  program
    .command('start')
    .description('collect demonstrations, train a planner, roll it out and draw where it went')
    .option('--preset <name>', 'what to train', 'start')
    .option('--run <dir>', 'folder of the run', 'runs/start')
    .option('--set <key=value>', 'change a setting, such as training.steps=500', append, [])
    .action(async (options: StartOptions, command: Command) => {
      const chosen = options.set.length > 0 || command.getOptionValueSource('preset') === 'cli'
      await trainAndShow({ ...options, chosen }, output())
    })
}

async function trainAndShow(
  { preset, set, run: folder, chosen }: StartOptions & { readonly chosen: boolean },
  output: Output,
): Promise<void> {
  const resume = existsSync(`${folder}/config.json`)
  const config = resume ? await configOf(folder) : await readConfig(preset, set)
  // The same command once more goes on with its run; another one would train something else than it says.
  if (resume && chosen && !isDeepStrictEqual(await readConfig(preset, set), config)) {
    throw new InputError(
      `The run in ${folder} has other settings than --preset ${preset}${set.map((pair) => ` --set ${pair}`).join('')}; leave these out to go on with it, or begin another one with --run DIR.`,
    )
  }
  if (isImageConfig(config) || isLatentConfig(config)) {
    throw new InputError(
      `${resume ? folder : preset} trains an image generator, which cannot be rolled out; use "train" for it.`,
    )
  }
  if (resume) output.say(`${folder} is there already: going on with it (delete it to begin anew)`)
  await trainOrExit(config, folder, resume, output)
  const [{ writePlot }, { rollOut }] = await Promise.all([import('../plot.ts'), import('../rollout.ts')])
  const done = await rollOut({ run: folder, which: 'latest', episodes: 100, loadEnvironment, output })
  await writePlot(`${folder}/rollouts.html`, done, output)
  await writePlot(`${folder}/rollouts.svg`, done, output)
  const { offerView } = await import('../view/offer.ts')
  await offerView(folder, loadEnvironment, output, interrupted())
}
