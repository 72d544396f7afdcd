import type { Command } from 'commander'
import { environmentNames, loadEnvironment } from '../../../envs/index.ts'
import { imageSchema } from '../../config/images.ts'
import { latentSchema } from '../../config/latent.ts'
import { jsonSchema } from '../../config/parse.ts'
import { plannerSchema } from '../../config/planner.ts'
import { width } from '../../env/space.ts'
import type { Output } from '../output.ts'
import { ALL_PRESETS, readConfig } from '../settings.ts'
import { table } from '../tables.ts'

/** `envs`, `devices`, `presets` and `schema`: what there is to choose from. */
export function addLists(program: Command, output: () => Output): void {
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
      const { devices } = await import('../../engine/index.ts')
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
}
