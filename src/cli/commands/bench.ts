import type { Command } from 'commander'
import { loadEnvironment } from '../../../envs/index.ts'
import { PROTOCOLS } from '../../benchmark/protocol.ts'
import { append, names, positive } from '../arguments.ts'
import type { BenchOptions, PaceOptions } from '../bench.ts'
import { INTERRUPTED, stoppable } from '../interrupt.ts'
import type { Output } from '../output.ts'

/** Where a benchmark's results go unless told otherwise. */
const BENCHMARK_FOLDER = 'benchmark'

/** `bench`: couplings compared, and the report of it. */
export function addBench(program: Command, output: () => Output): void {
  const benchmark = program
    .command('bench')
    .description('compare couplings with vanilla diffusion; see docs/benchmark')

  benchmark
    .command('run', { isDefault: true })
    .description(`run the jobs of a protocol: ${Object.keys(PROTOCOLS).join(', ')}`)
    .argument('<protocol>')
    .option('--out <dir>', 'folder of results and runs', BENCHMARK_FOLDER)
    .option('--tasks <names>', 'only these, separated by commas', names)
    .option('--arms <names>', 'only these, separated by commas', names)
    .option('--seeds <n>', 'seeds of every arm (default: as the protocol says)', positive)
    .option('--workers <n>', 'jobs at a time, each on one thread (default: one for each core)', positive)
    .option('--set <key=value>', 'change a setting of every job, such as training.steps=500', append, [])
    .option('--list', 'list the jobs and run none')
    .action(async (protocol: string, options: BenchOptions) => {
      const out = output()
      const { bench } = await import('../bench.ts')
      if (!(await stoppable(out, (signal) => bench(protocol, options, out, signal))))
        process.exit(INTERRUPTED)
    })

  benchmark
    .command('pace')
    .description('time training and planning of the arms that have results, with nothing beside them')
    .option('--out <dir>', 'folder of the results', BENCHMARK_FOLDER)
    .option('--tasks <names>', 'only these, separated by commas', names)
    .option('--arms <names>', 'only these, separated by commas', names)
    .option('--rounds <n>', 'turns of each arm, of which medians are kept', positive, 1)
    .action(async (options: PaceOptions) => {
      const out = output()
      const { pace } = await import('../bench.ts')
      if (!(await stoppable(out, (signal) => pace(options, out, signal)))) process.exit(INTERRUPTED)
    })

  benchmark
    .command('report')
    .description('write the report of the results: report.html and report.md')
    .option('--out <dir>', 'folder of the results', BENCHMARK_FOLDER)
    .option('--metric <name>', 'what policies are compared by', 'success')
    .action(async ({ out: folder, metric }: { out: string; metric: string }) => {
      const out = output()
      const { writeReport } = await import('../../benchmark/report/write.ts')
      const { page, text } = await writeReport(folder, metric, loadEnvironment)
      out.say(`report in ${page} and ${text}`)
      out.record({ type: 'report', page, text })
    })
}
