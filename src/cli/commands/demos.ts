import type { Command } from 'commander'
import { loadEnvironment } from '../../../envs/index.ts'
import { positive, whole } from '../arguments.ts'
import { INTERRUPTED, stoppable, UNFINISHED } from '../interrupt.ts'
import type { Output } from '../output.ts'

/** `demos`: demonstrations of an expert. */
export function addDemos(program: Command, output: () => Output): void {
  program
    .command('demos')
    .description("collect an expert's demonstrations as a zarr v2 replay buffer")
    .argument('<environment>', 'name, or path of a module that exports one')
    .option('--count <n>', 'episodes', positive, 500)
    .option('--seed <n>', 'seed of the expert', whole, 0)
    .option('--out <path>', 'folder, or file that ends in .zip (default: under data/)')
    .option('--overwrite', 'replace what is there')
    .action(
      async (name: string, options: { count: number; seed: number; out?: string; overwrite?: boolean }) => {
        const { collect, demonstrationsPath } = await import('../demonstrations.ts')
        const environment = await loadEnvironment(name)
        const { count, seed, overwrite } = options
        const path = options.out ?? demonstrationsPath(environment.name, count, seed)
        const out = output()
        const done = await stoppable(
          out,
          async (signal) => {
            await collect(environment, { count, seed, path, overwrite }, out, signal)
            return true
          },
          UNFINISHED,
        )
        if (!done) process.exit(INTERRUPTED)
      },
    )
}
