import { resolve } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import { InputError } from '../errors.ts'
import { type PathsPlot, plotPage, plotPaths } from '../evaluate/plot.ts'
import type { Output } from './output.ts'

/** Throws unless a plot can be written under this name; better asked before the rollouts than after. */
export function checkPlotPath(path: string): void {
  if (!/\.(svg|html)$/.test(path))
    throw new InputError(`Cannot draw to ${path}; give a name that ends in .svg or .html.`)
}

/** Draws rolled-out paths by mode to `path`, an SVG or a self-contained HTML page. */
export async function writePlot(
  path: string,
  {
    environment,
    records,
    evaluation,
  }: Pick<PathsPlot, 'environment' | 'evaluation'> & { readonly records: PathsPlot['episodes'] },
  output: Output,
): Promise<void> {
  checkPlotPath(path)
  const plot = { environment, episodes: records, evaluation }
  await writeFileAtomic(path, path.endsWith('.svg') ? plotPaths(plot) : plotPage(plot))
  output.say(`paths drawn in ${resolve(path)}`)
  output.record({ type: 'plot', path })
}
