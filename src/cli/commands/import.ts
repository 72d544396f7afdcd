import type { Command } from 'commander'
import { loadEnvironment } from '../../../envs/index.ts'
import { append } from '../arguments.ts'
import type { ImportRequest } from '../import-policy.ts'
import type { Output } from '../output.ts'

/** `import`: a policy that LeRobot trained as a run. */
export function addImport(program: Command, output: () => Output): void {
  program
    .command('import')
    .description('make a run of a diffusion policy that LeRobot trained, to roll out, watch or train further')
    .argument('<folder>', 'of the policy: config.json, model.safetensors and what is beside them')
    .requiredOption('--environment <name>', 'where it acts; a name, or path of a module that exports one')
    .requiredOption('--run <dir>', 'new folder of the run')
    .option(
      '--environment-first',
      "observations begin with the environment's state, not the robot's; as push-t's",
    )
    .option('--set <key=value>', 'change a setting, such as sampler.steps=10', append, [])
    .action(async (folder: string, options: Omit<ImportRequest, 'folder' | 'loadEnvironment' | 'output'>) => {
      const { importPolicy } = await import('../import-policy.ts')
      await importPolicy({ folder, ...options, loadEnvironment, output: output() })
    })
}
