// Fills the generated tables of the README: node --import=./typescript.js docs/tables.ts
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { environmentNames, loadEnvironment } from '../envs/index.ts'
import { writeFileAtomic } from '../src/atomic.ts'
import { PRESETS } from '../src/config/presets.ts'
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
  residual: 'assignment for what the nearest observations do not explain of a sample; wraps others too',
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
      Object.entries(PRESETS).map(([name, { summary }]) => [`\`${name}\``, summary]),
    ),
  }
  return Object.entries(tables).reduce(
    (text, [name, content]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`),
        (_, open, close) => `${open}${content}\n${close}`,
      ),
    readme,
  )
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFileAtomic('README.md', await withTables(readFileSync('README.md', 'utf8')))
}
