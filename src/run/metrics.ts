import { appendFile } from './append-file.ts'
import { FREE_AND_RESUME } from './full-disk.ts'

/** Figures of one training step, by names such as `train/loss`. */
export type Metrics = Readonly<Record<string, number>>

/** One line of a metrics file. */
export interface MetricsLine {
  readonly step: number
  readonly metrics: Metrics
}

/** Somewhere that figures are recorded. */
export interface MetricsSink {
  /** Records figures of a step; steps must not decrease. */
  record(step: number, metrics: Metrics): void
  /** Waits until everything recorded is on the disk. Call before a checkpoint is written. */
  flush(): void
  close(): void
}

/**
 * Opens a file of JSON lines such as `{"step":100,"train/loss":0.25}`; figures that are not finite become null.
 *
 * Lines hold no times, and resuming cuts off what follows the step resumed from, so that a run that was killed
 * and resumed ends with the same bytes as one that never was. For that, everything of a step must be recorded
 * before the checkpoint of that step.
 *
 * @param through keep the lines of steps up to this one; nothing is kept where absent
 * @throws FailureError naming the file, where the disk is full or the place cannot be written
 */
export function metricsFile(path: string, through?: number): MetricsSink {
  const keep = through === undefined ? undefined : (content: Uint8Array) => keptBytes(content, through)
  const file = appendFile(path, keep, FREE_AND_RESUME)
  return {
    record: (step, metrics) => file.append(`${JSON.stringify({ step, ...metrics })}\n`),
    flush: () => file.flush(),
    close: () => file.close(),
  }
}

/** The lines of a metrics file, up to the first that is torn; figures that are null are left out. */
export function parseMetrics(content: Uint8Array): MetricsLine[] {
  return [...lines(content)].map(({ step, metrics }) => ({ step, metrics }))
}

/** How long the beginning of `content` is that holds whole lines of steps up to `through`. */
function keptBytes(content: Uint8Array, through: number): number {
  let kept = 0
  for (const { step, end } of lines(content)) {
    if (step > through) break
    kept = end
  }
  return kept
}

function* lines(content: Uint8Array): Generator<MetricsLine & { end: number }> {
  const decoder = new TextDecoder()
  for (let start = 0; start < content.length; ) {
    const newline = content.indexOf(10, start)
    if (newline < 0) return
    const parsed = parseLine(decoder.decode(content.subarray(start, newline)))
    if (!parsed) return
    yield { ...parsed, end: newline + 1 }
    start = newline + 1
  }
}

function parseLine(text: string): MetricsLine | undefined {
  try {
    const { step, ...rest } = JSON.parse(text)
    if (typeof step !== 'number') return undefined
    const finite = Object.entries(rest).filter(([, value]) => typeof value === 'number')
    return { step, metrics: Object.fromEntries(finite) as Metrics }
  } catch {
    return undefined
  }
}
