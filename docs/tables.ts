// Fills the generated tables of the README, docs/performance.md and docs/couplings.md: node --import=./typescript.js docs/tables.ts
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Comparison } from '../bench/comparison.ts'
import type { CouplingRow } from '../bench/couplings.ts'
import type { ProbesRow, Reading } from '../bench/probes.ts'
import type { WorkersRow } from '../bench/workers.ts'
import { environmentNames, loadEnvironment } from '../envs/index.ts'
import { writeFileAtomic } from '../src/atomic.ts'
import { ARMS, VANILLA } from '../src/benchmark/arm.ts'
import { compareSides, finalFigures } from '../src/benchmark/comparison.ts'
import { EVALUATIONS } from '../src/benchmark/job.ts'
import { METRICS } from '../src/benchmark/metric.ts'
import { PROTOCOLS } from '../src/benchmark/protocol.ts'
import { differenceText, figureText } from '../src/benchmark/report/format.ts'
import { type Results, readResults } from '../src/benchmark/results.ts'
import { ALL_PRESETS } from '../src/cli/settings.ts'
import { createCoupling } from '../src/coupling/index.ts'

/** The couplings of the table; wrappers around `independent` stand for all wrapped ones. */
const COUPLINGS = {
  independent: 'vanilla diffusion: noise is drawn blindly',
  nearest: 'the nearest of `candidates` noises for each sample (KNN); favours short noise in few dimensions',
  assignment: 'the batch and as many noises are paired at the least total cost',
  sinkhorn: 'drawn from the entropic plan of transport between the batch and as many noises',
  local: 'assignment within cells of samples with near observations, over a large pool drawn ahead',
  grouped: 'assignment within classes',
  penalised: 'assignment with a price on trading noise between samples of unlike observations',
  residual: 'local assignment for what the nearest observations do not explain of a sample; wraps others too',
}

/** README with every block between `<!-- name -->` and `<!-- /name -->` made anew. */
export async function withTables(readme: string): Promise<string> {
  const environments = await Promise.all(environmentNames().map(loadEnvironment))
  const tables: Record<string, string> = {
    environments: table(
      ['environment', 'modes', 'expert', ''],
      environments.map(({ name, dynamics, demonstrate, summary }) => [
        `\`${name}\``,
        `${dynamics.modes?.names.length ?? '–'}`,
        demonstrate ? 'yes' : 'no',
        summary,
      ]),
    ),
    couplings: table(
      ['coupling', 'ignores the observation', ''],
      Object.entries(COUPLINGS).map(([type, text]) => [
        `\`${type}\``,
        type === 'independent' ? 'harmless' : createCoupling(type).conditionBlind ? 'yes' : 'no',
        text,
      ]),
    ),
    presets: table(
      ['preset', ''],
      Object.entries(ALL_PRESETS).map(([name, { summary }]) => [`\`${name}\``, summary]),
    ),
  }
  return filled(readme, tables)
}

/** The page of measured times with its table made anew from what `npm run bench -- --json` wrote. */
export function withFigures(page: string, measured: Measured): string {
  const rows = Object.values(measured).flatMap(({ rows, environment }) =>
    rows.filter(isComparison).map((row) => ({ ...row, environment })),
  )
  const environments = [...new Set(rows.map(({ environment }) => describe(environment)))]
  return filled(page, {
    figures: table(
      ['', 'here', 'PyTorch', 'PyTorch / here (least–most)', 'aim', 'measured'],
      rows.map(({ figure, unit, own, peer, ratio, aim, environment }) => [
        figure,
        amount(own, unit),
        peer === undefined ? '–' : peer === null ? 'absent' : amount(peer, unit),
        ratio ? `${fixed(ratio.median)} (${fixed(ratio.least)}–${fixed(ratio.most)})` : '–',
        aim ?? '',
        `[${1 + environments.indexOf(describe(environment))}]`,
      ]),
    ),
    workers: table(
      ['way', 'seconds', 'throughput (least–most)'],
      ((measured.workers?.rows ?? []) as readonly WorkersRow[]).map(
        ({ way, seconds, throughput, least, most }) => [
          way,
          seconds.toFixed(1),
          `${fixed(throughput)} (${fixed(least)}–${fixed(most)})`,
        ],
      ),
    ),
    environments: environments.map((text, i) => `${i + 1}. ${text}`).join('\n'),
  })
}

/** The page on couplings with its table of policies made anew from the benchmark's results. */
export function withClosedLoop(page: string, results: Results): string {
  const coupled = Object.keys(ARMS).filter((arm) => arm === VANILLA || ARMS[arm].against === VANILLA)
  const arms = coupled.filter((arm) => !('process' in ARMS[arm].config))
  const { success } = METRICS
  const lines = PROTOCOLS['closed-loop'].tasks.flatMap((task) =>
    arms.flatMap((arm) => {
      const seeds = results.jobs.filter((job) => job.task === task && job.arm === arm).length
      const cells = EVALUATIONS.map((evaluations) => {
        const values = [...finalFigures(results, task, { arm, evaluations }, success).values()]
        const mean = figureText(values.reduce((sum, value) => sum + value, 0) / values.length)
        const against = { arm: VANILLA, evaluations }
        const compared =
          arm === VANILLA ? undefined : compareSides(results, task, { arm, evaluations }, against, success)
        return compared?.difference ? `${mean}<br>${differenceText(compared.difference.t)}` : mean
      })
      return seeds > 0 ? [[`\`${task}\``, `\`${arm}\``, `${seeds}`, ...cells]] : []
    }),
  )
  const head = ['task', 'arm', 'seeds', ...EVALUATIONS.map((count) => `${count}`)]
  return filled(page, { 'closed-loop': table(head, lines) })
}

/** The page on couplings with its tables of probes and of costs made anew from what the benchmarks wrote. */
export function withCouplings(page: string, measured: Measured): string {
  const probes = ['probes-two-way', 'probes-avoiding'].flatMap(
    (name) => (measured[name]?.rows ?? []) as readonly ProbesRow[],
  )
  const above = ({ above, exceeding }: Reading, seeds: number) =>
    `${signed(above.mean, 4)} (${exceeding} of ${seeds})`
  const costs = (measured.couplings?.rows ?? []) as readonly CouplingRow[]
  return filled(page, {
    probes: table(
      ['task', 'coupling', 'linear', 'bent', 'E‖n‖²/D', 'distance'],
      probes.map(({ task, coupling, seeds, linear, bent, energy, distance }) => [
        `\`${task}\``,
        `\`${coupling}\``,
        above(linear, seeds),
        above(bent, seeds),
        fixed(energy),
        distance.toFixed(3),
      ]),
    ),
    costs: table(
      [
        'coupling',
        'CPU a step',
        'step',
        'step of `independent`',
        'waiting for noise',
        'more (least to most)',
      ],
      costs.map(({ coupling, cpu, step, independent, waiting, relative }) => [
        `\`${coupling}\``,
        ...[cpu, step, independent, waiting].map((value) => `${value.toFixed(1)} ms`),
        `${percent(relative.median)} (${percent(relative.least)} to ${percent(relative.most)})`,
      ]),
    ),
  })
}

/** What the benchmark wrote: rows by the name of the benchmark. */
export type Measured = Readonly<
  Record<string, { readonly environment: Readonly<Record<string, string>>; readonly rows: readonly object[] }>
>

/** Benchmarks without a peer for every row have tables of their own, which only the file holds. */
const isComparison = (row: object): row is Comparison => 'figure' in row && 'own' in row

const describe = (environment: Readonly<Record<string, string>>) =>
  Object.entries(environment)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

const amount = (value: number, unit: string) => `${value.toFixed(Math.abs(value) < 100 ? 1 : 0)} ${unit}`
const fixed = (value: number) => value.toFixed(2)
const signed = (value: number, digits: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`
const percent = (ratio: number) => `${signed(100 * (ratio - 1), 1)} %`

function filled(text: string, blocks: Readonly<Record<string, string>>): string {
  return Object.entries(blocks).reduce(
    (page, [name, content]) =>
      page.replace(
        new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`),
        (_, open, close) => `${open}${content}\n${close}`,
      ),
    text,
  )
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFileAtomic('README.md', await withTables(readFileSync('README.md', 'utf8')))
  const measured: Measured = JSON.parse(readFileSync('docs/performance.json', 'utf8'))
  await writeFileAtomic(
    'docs/performance.md',
    withFigures(readFileSync('docs/performance.md', 'utf8'), measured),
  )
  await writeFileAtomic(
    'docs/couplings.md',
    withCouplings(
      withClosedLoop(readFileSync('docs/couplings.md', 'utf8'), readResults('docs/benchmark')),
      measured,
    ),
  )
}
