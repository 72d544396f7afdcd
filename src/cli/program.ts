import { Command } from 'commander'
import { addBench } from './commands/bench.ts'
import { addDemos } from './commands/demos.ts'
import { addDiagnose } from './commands/diagnose.ts'
import { addEvaluate } from './commands/evaluate.ts'
import { addExport } from './commands/export.ts'
import { addImport } from './commands/import.ts'
import { addLists } from './commands/lists.ts'
import { addRollout } from './commands/rollout.ts'
import { addSample } from './commands/sample.ts'
import { addStart } from './commands/start.ts'
import { addTrain } from './commands/train.ts'
import { addView } from './commands/view.ts'
import { createOutput } from './output.ts'

/** Each adds a command or a few, in the order in which help lists them. */
const COMMANDS = [
  addStart,
  addDemos,
  addTrain,
  addImport,
  addRollout,
  addDiagnose,
  addBench,
  addSample,
  addEvaluate,
  addExport,
  addView,
  addLists,
]

/** The command line, not yet parsed. Commands load what they need when they run, so that each starts quickly. */
export function createProgram(): Command {
  const program = new Command('immiscible')
    .description('Train diffusion planners with immiscible noise coupling, and see how they do.')
    .option('--json', 'records for machines, one line of JSON each')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(see --help)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  const output = () => createOutput(program.opts<{ json?: boolean }>().json ?? false)
  for (const add of COMMANDS) add(program, output)
  return program
}
