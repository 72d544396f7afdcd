import { METRICS } from '../../metric.ts'
import { picturesFigure } from '../charts/pictures.ts'
import { type Block, figure, heading, text } from '../document.ts'
import { calls, type Section, slug, TOLD } from '../section.ts'
import { curvesOver, learningCurves } from '../section-curves.ts'
import { differenceTable } from '../section-tables.ts'
import { verdicts } from '../verdicts.ts'

/** Image generators by how near their images are to the real ones. */
export function images(section: Section): Block[] {
  const { frechet } = METRICS
  return [
    heading(2, 'Images'),
    text(
      'Fréchet distance of the features of a small classifier that was trained on the real digits: lower is better, and few samples make it greater, alike for all arms. All seeds learn from the same digits. Precision is the share of samples near real ones, recall that of real ones near samples.',
    ),
    ...curvesOver(section, frechet, 'images'),
    ...learningCurves(section, frechet, 'images-learning'),
    ...verdicts(section, frechet, TOLD),
    ...differenceTable(section, frechet),
    ...['precision', 'recall'].flatMap((name) => differenceTable(section, METRICS[name], { key: false })),
    ...section.tasks.flatMap((task) => sheets(section, task)),
  ]
}

function sheets({ results, arms }: Section, task: string): Block[] {
  const panels = arms.flatMap((arm) => {
    const job = results.jobs.find((one) => one.task === task && one.arm === arm && one.pictures)
    return Object.entries(job?.pictures ?? {}).map(([evaluations, png]) => ({
      title: `${arm}, ${calls(Number(evaluations))}`,
      png,
    }))
  })
  return figure(
    `samples-${slug(task)}`,
    picturesFigure(panels),
    `\`${task}\`, seed 0: the first samples after training.`,
  )
}
