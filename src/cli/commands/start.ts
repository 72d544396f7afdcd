import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { loadEnvironment } from '../../../envs/index.ts'
import { isImageConfig, isLatentConfig } from '../../config/run-config.ts'
import { InputError } from '../../errors.ts'
import { append } from '../arguments.ts'
import { interrupted } from '../interrupt.ts'
import type { Output } from '../output.ts'
import { configOf, readConfig } from '../settings.ts'
import { trainOrExit } from '../train-or-exit.ts'

/** `start`: the whole way from demonstrations to a picture, for newcomers. */
export function addStart(program: Command, output: () => Output): void {
  program
    .command('start')
    .description('collect demonstrations, train a planner, roll it out and draw where it went')
    .option('--preset <name>', 'what to train', 'start')
    .option('--run <dir>', 'folder of the run', 'runs/start')
    .option('--set <key=value>', 'change a setting, such as training.steps=500', append, [])
    .action(async (options: { preset: string; run: string; set: string[] }) => {
      await trainAndShow(options.preset, options.set, options.run, output())
    })
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
  const [{ writePlot }, { rollOut }] = await Promise.all([import('../plot.ts'), import('../rollout.ts')])
  const done = await rollOut({ run: folder, which: 'latest', episodes: 100, loadEnvironment, output })
  await writePlot(`${folder}/rollouts.html`, done, output)
  await writePlot(`${folder}/rollouts.svg`, done, output)
  const { offerView } = await import('../view/offer.ts')
  await offerView(folder, loadEnvironment, output, interrupted())
}
