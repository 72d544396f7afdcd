import { type Block, figure, heading, list, table, text } from '../benchmark/report/document.ts'
import { html } from '../benchmark/report/html.ts'
import type { Scene } from '../env/environment.ts'
import { type Rows, row, rows } from '../rows.ts'
import { couplingFigure, imagesFigure, networkFigure, type Path, pathsFigure } from './charts.ts'
import type { Diagnosis, NetworkDiagnosis } from './diagnose.ts'
import { findings } from './findings.ts'

/** Samples drawn of each kind, at most. */
const DRAWN = { paths: 96, images: 36 }

/** How samples are drawn. */
export type Drawing =
  | {
      readonly kind: 'paths'
      /** @param condition of the samples, [1, C] @param samples [count, D] @returns a path for each */
      draw(condition: Rows, samples: Rows): { readonly scene?: Scene; readonly paths: readonly Path[] }
    }
  | { readonly kind: 'images' /** A sheet of images as PNG. */; draw(samples: Rows): Promise<Uint8Array> }

/** What a page is made of. */
export interface DiagnosisPage {
  /** Name of the run. */
  readonly title: string
  /** What it is, in a line. */
  readonly summary: string
  readonly diagnosis: Diagnosis
  /** Absent where samples cannot be drawn. */
  readonly drawing?: Drawing
}

/** A diagnosis as one page of HTML that needs nothing else. */
export async function diagnosisPage({ title, summary, diagnosis, drawing }: DiagnosisPage): Promise<string> {
  const { coupling, network, remarks } = diagnosis
  const blocks: Block[] = [
    heading(1, title),
    text(summary),
    ...table(
      ['', 'found', 'beside', ''],
      findings(diagnosis).map(({ what, value, beside, says }) => [what, value, beside, says]),
    ),
    ...list(remarks),
    heading(2, 'How noise is chosen'),
    ...figure(
      'coupling',
      couplingFigure(coupling),
      `Noise of ${coupling.samples} samples under \`${coupling.name}\` (bars, dots) beside independent noise (lines). The grey bands of the probes reach from chance to the greatest of 19 shuffles: a dot beyond them means that the noise tells the ${coupling.probes?.of ?? 'condition'}. Distances of mean noise are of ${coupling.columns} numbers.`,
    ),
  ]
  if (network) {
    blocks.push(
      heading(2, 'What the network makes of it'),
      text(`${where(network)} “Ideal” is the analytic denoiser of these samples under independent noise.`),
      ...figure(
        'network',
        networkFigure(network),
        'Noisy samples are moved along the line through the two groups at the noise level where they separate; dotted lines are the groups’ centroids. A network that averages the groups does not respond.',
      ),
      ...(drawing ? figure('samples', await samplesFigure(network, drawing), samplesCaption(drawing)) : []),
    )
  }
  return html(blocks, title)
}

function where({ condition, contest }: NetworkDiagnosis): string {
  const { samples, distance } = contest
  const apart = `two groups, ${distance.toFixed(2)} apart.`
  return condition.columns === 0
    ? `${samples.rows} samples, which fall into ${apart}`
    : `At one condition: that of the sample whose ${samples.rows} neighbours fall most clearly into ${apart}`
}

function samplesCaption({ kind }: Drawing): string {
  return `${kind === 'paths' ? 'Plans' : 'Images'} there, and what becomes of noise. One step from pure noise shows the mean where the noise decides nothing, as it should with independent noise.`
}

async function samplesFigure(network: NetworkDiagnosis, drawing: Drawing): Promise<string> {
  const { contest, condition, generated, firstStep } = network
  const sets = [
    { title: 'Samples of the data', samples: contest.samples, group: contest.group },
    { title: 'Network, one step', samples: firstStep.network.predicted },
    { title: 'Network, sampled', samples: generated.network },
    { title: 'Ideal, sampled', samples: generated.ideal },
  ]
  if (drawing.kind === 'images') {
    const panels = sets.map(async ({ title, samples }) => ({
      title,
      png: await drawing.draw(first(samples, DRAWN.images)),
    }))
    return imagesFigure(await Promise.all(panels))
  }
  let scene: Scene | undefined
  const panels = sets.map(({ title, samples, group }) => {
    const made = drawing.draw(condition, first(samples, DRAWN.paths))
    scene ??= made.scene
    return { title, paths: made.paths, group }
  })
  return pathsFigure(scene, panels)
}

function first(all: Rows, count: number): Rows {
  if (all.rows <= count) return all
  return rows(all.values.subarray(0, count * all.columns), count, all.columns)
}

/** Rows of numbers as paths where nothing better is known: two numbers a point, or number by number. */
export function plainPaths(samples: Rows, channels: number): Path[] {
  return Array.from({ length: samples.rows }, (_, i) => {
    const own = row(samples, i)
    return Array.from({ length: own.length / channels }, (_, step) =>
      channels > 1
        ? ([own[step * channels], own[step * channels + 1]] as const)
        : ([step, own[step]] as const),
    )
  })
}
