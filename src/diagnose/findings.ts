import type { Diagnosis } from './diagnose.ts'

/** Below this p the noise is not that which samplers start from. */
const SURE = 0.01

/** One thing found, in words. */
export interface Finding {
  readonly what: string
  readonly value: string
  /** What it is to be compared with. */
  readonly beside: string
  /** What that means; empty where the numbers speak. */
  readonly says: string
}

/** What a diagnosis says, line by line. */
export function findings({ coupling, network }: Diagnosis): Finding[] {
  const { distance, norm, probes, separation } = coupling
  const cut = 100 * (1 - distance.relative)
  const lines: Finding[] = [
    {
      what: 'distance of samples to their noise',
      value: distance.relative.toFixed(3),
      beside: 'independent 1',
      says: Math.abs(cut) < 0.5 ? 'as far as independent noise' : `${cut.toFixed(1)} % nearer`,
    },
    {
      what: 'E‖n‖²/D',
      value: norm.energy.toFixed(3),
      beside: 'N(0, I) 1',
      says: norm.energy < 0.97 ? 'chosen noise is shorter than what sampling starts from' : '',
    },
    {
      what: 'Kolmogorov–Smirnov, ‖n‖² against χ²',
      value: norm.statistic.toFixed(3),
      beside: `p = ${probability(norm.p)}`,
      says: norm.p < SURE ? 'not the noise that sampling starts from' : 'as N(0, I)',
    },
  ]
  for (const kind of ['linear', 'bent'] as const) {
    if (!probes) continue
    const { value, chance, limit } = probes[kind]
    const reads = value > limit
    lines.push({
      what: `${kind} probe of the ${probes.of} (${probes.of === 'class' ? 'accuracy' : 'R²'})`,
      value: value.toFixed(3),
      beside: `chance ${chance.toFixed(3)}, limit ${limit.toFixed(3)}`,
      says: !reads
        ? 'reads nothing'
        : !probes.told
          ? `reads the ${probes.of}, which the network is not told: harmless`
          : value - limit < 0.02
            ? `reads a trace of the ${probes.of}`
            : `the noise tells the ${probes.of} in training, but not when sampling`,
    })
  }
  lines.push({
    what: 'noise of two samples apart',
    value: separation.effective.toFixed(2),
    beside: `independent 0 (measured ${separation.measured.toFixed(2)}, by chance ${separation.chance.toFixed(2)})`,
    says: '',
  })
  if (!network) return lines
  const { response, distinct, firstStep, contest } = network
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  lines.push(
    {
      what: 'modality-response range',
      value: response.network.range.toFixed(2),
      beside: `ideal ${response.ideal.range.toFixed(2)}`,
      says: `at t = ${Number(response.network.time.toPrecision(3))}, where the groups separate`,
    },
    {
      what: `distinct nearest samples of ${distinct.network.count} noises`,
      value: `${distinct.network.distinct}`,
      beside: `ideal ${distinct.ideal.distinct}, of ${distinct.network.of}`,
      says: '',
    },
    {
      what: 'share of the second group',
      value: percent(distinct.network.share),
      beside: `samples ${percent(contest.share)}, ideal ${percent(distinct.ideal.share)}`,
      says: '',
    },
    {
      what: 'signal of one step from pure noise',
      value: firstStep.network.signal.toFixed(3),
      beside: `ideal ${firstStep.ideal.signal.toFixed(3)}`,
      says:
        firstStep.network.signal < 0.05
          ? 'one step gives the mean'
          : firstStep.network.signal > 0.5
            ? 'one step already decides'
            : '',
    },
  )
  return lines
}

function probability(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3)
}
