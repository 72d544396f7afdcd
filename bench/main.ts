import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { Command } from 'commander'
import { writeFileAtomic } from '../src/atomic.ts'
import { ImmiscibleError, InputError, lookUp } from '../src/errors.ts'
import { describeEnvironment } from '../src/run/environment.ts'
import { run as assignment, auction } from './assignment.ts'
import { type Comparison, printComparisons } from './comparison.ts'
import { compile } from './compile.ts'
import { run as couplings, nearest } from './couplings.ts'
import { THREADS } from './job.ts'
import { latentTrainStep, stableDiffusion } from './latent.ts'
import { memory } from './memory.ts'
import { run as normals } from './normals.ts'
import { peerVersions } from './peer.ts'
import { plan } from './plan.ts'
import { probes } from './probes.ts'
import { run as pushT } from './push-t.ts'
import { imageTrainStep, trainStep } from './train-step.ts'
import { run as viewer } from './viewer.ts'
import { run as workers } from './workers.ts'

/** Figures beside PyTorch's, for one table; `rounds` is how often the two sides take turns. */
const COMPARED: Readonly<Record<string, (rounds: number) => Promise<Comparison[]>>> = {
  'train-step': (rounds) => trainStep('small', rounds),
  'train-step-large': (rounds) => trainStep('large', rounds),
  'image-train-step': (rounds) => imageTrainStep('images-small', rounds),
  'image-train-step-large': (rounds) => imageTrainStep('images-large', rounds),
  denoise: (rounds) => plan('denoise', rounds),
  'denoise-large': (rounds) => plan('denoise-large', rounds),
  plan: (rounds) => plan('plan', rounds),
  'latent-train-step': latentTrainStep,
  'stable-diffusion': stableDiffusion,
  nearest,
  compile,
  memory,
}

/** Not checked with the rest, because pages speak the browser's types. */
const PAGE: string = './viewer-page.ts'

/** Benchmarks with a table of their own, which they print. */
const APART: Readonly<Record<string, (rounds: number) => Promise<object[]>>> = {
  assignment,
  auction,
  couplings,
  normals,
  'probes-two-way': () => probes('two-way'),
  'probes-avoiding': () => probes('avoiding'),
  'push-t': pushT,
  workers,
  viewer,
  'viewer-page': async () => (await import(PAGE)).run(),
}

const ALL = { ...COMPARED, ...APART }

const program = new Command('bench')
  .description('Times this framework beside its peers. Nothing else should run on the machine meanwhile.')
  .argument('[names...]', `benchmarks to run: ${Object.keys(ALL).join(', ')}; all of them by default`)
  .option('--rounds <count>', 'how often the two sides take turns', '3')
  .option(
    '--json <path>',
    'also write the figures, each with versions and machine, to a file; others in it stay',
  )
  .action(run)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof ImmiscibleError)) throw error
  process.stderr.write(`error: ${error.message}\n`)
  process.exitCode = error instanceof InputError ? 2 : 1
}

async function run(given: string[], options: { rounds: string; json?: string }): Promise<void> {
  const rounds = Number(options.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new InputError(`--rounds is "${options.rounds}"; give a whole number of at least 1.`)
  }
  const names = given.length > 0 ? [...new Set(given)] : Object.keys(ALL)
  for (const name of names) lookUp('benchmark', ALL, name)
  const peer = await peerVersions()
  const about = {
    ...describeEnvironment(),
    threads: String(THREADS),
    rounds: String(rounds),
    peer: peer ? `PyTorch ${peer.torch} (${peer.instructions}), Python ${peer.python}` : 'absent',
    load: loadavg()[0].toFixed(2),
  }
  console.log(
    Object.entries(about)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  )
  if (loadavg()[0] > cpus().length / 4) {
    console.log('Other programs keep this machine busy: mind the ratios, not the times.')
  }
  const compared: Comparison[] = []
  for (const name of names) {
    console.error(`${name} …`)
    const apart = Object.hasOwn(APART, name)
    const rows = apart ? await APART[name](rounds) : await COMPARED[name](rounds)
    if (!apart) compared.push(...(rows as Comparison[]))
    // At once: what was measured stays should a later benchmark be stopped.
    if (options.json) await keep(options.json, name, { environment: about, rows })
  }
  if (compared.length > 0) printComparisons(compared)
}

/** Writes the figures of a benchmark to a file; others in it stay. */
async function keep(path: string, name: string, figures: object): Promise<void> {
  const others = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  await writeFileAtomic(path, `${JSON.stringify({ ...others, [name]: figures }, null, 2)}\n`)
}
