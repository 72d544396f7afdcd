import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../../atomic.ts'
import { InputError, lookUp } from '../../errors.ts'
import { METRICS } from '../metric.ts'
import { readResults } from '../results.ts'
import { buildReport, type ReportOptions } from './build.ts'
import { html } from './html.ts'
import { markdown } from './markdown.ts'

const FIGURES = 'figures'

/**
 * Writes the report of the results in a folder beside them: `report.html`, which needs nothing else, and
 * `report.md` with its figures; figures of earlier reports that it does not name are removed. The same results give the same bytes.
 *
 * @param metric name of the figure that policies are compared by
 * @returns paths of the two
 * @throws InputError without results, for results of mixed versions, and for an unknown metric or one that no
 *   policy has
 */
export async function writeReport(
  folder: string,
  metric: string,
  loadEnvironment: ReportOptions['loadEnvironment'],
): Promise<{ readonly page: string; readonly text: string }> {
  const chosen = lookUp('metric', METRICS, metric)
  const results = readResults(folder)
  const plans = results.evaluations.filter(({ type }) => type === 'evaluation')
  if (plans.length > 0 && plans.every((one) => chosen.of(one) === null)) {
    throw new InputError(
      `No policy in ${folder} has a ${chosen.label}; choose another metric, such as success or reward-max.`,
    )
  }
  const blocks = await buildReport({ results, metric: chosen, loadEnvironment })
  const [page, text] = [join(folder, 'report.html'), join(folder, 'report.md')]
  const figures = blocks.filter((block) => block.kind === 'figure')
  for (const { name, svg } of figures) await writeFileAtomic(join(folder, FIGURES, `${name}.svg`), svg)
  await writeFileAtomic(page, html(blocks, 'Does immiscible noise help planners?'))
  await writeFileAtomic(text, markdown(blocks, FIGURES))
  removeOthers(join(folder, FIGURES), new Set(figures.map(({ name }) => `${name}.svg`)))
  return { page, text }
}

/** Removes the figures that earlier reports had and this one does not name. */
function removeOthers(folder: string, named: ReadonlySet<string>): void {
  if (!existsSync(folder)) return
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.svg') && !named.has(file)) rmSync(join(folder, file))
  }
}
