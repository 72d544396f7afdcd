/** P(χ² ≤ x) with `degrees` degrees of freedom: the regularised lower incomplete gamma function. */
export function chiSquared(x: number, degrees: number): number {
  if (!(x > 0)) return 0
  const a = degrees / 2
  const z = x / 2
  const scale = Math.exp(a * Math.log(z) - z - logGamma(a))
  if (z < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; term > sum * 1e-15; n++) {
      term *= z / (a + n)
      sum += term
    }
    return Math.min(1, scale * sum)
  }
  // The continued fraction of the upper tail, by Lentz's method.
  let b = z + 1 - a
  let c = Infinity
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < 100_000; n++) {
    const factor = -n * (n - a)
    b += 2
    d = 1 / (factor * d + b)
    c = b + factor / c
    fraction *= c * d
    if (Math.abs(c * d - 1) < 1e-15) break
  }
  return Math.max(0, 1 - scale * fraction)
}

/** log Γ(a) for a > 0: Stirling's series, at an argument moved above 12. */
function logGamma(a: number): number {
  let shift = 0
  let x = a
  for (; x < 12; x++) shift += Math.log(x)
  const inverse = 1 / (x * x)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / x
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - shift
}

/**
 * Chance that the empirical distribution of n independent numbers differs from their true one by `statistic` or
 * more anywhere: Kolmogorov's limit with Stephens' correction for finite n.
 */
export function kolmogorov(statistic: number, n: number): number {
  const root = Math.sqrt(n)
  const x = statistic * (root + 0.12 + 0.11 / root)
  // The alternating series converges slowly here, and the chance is 1 to seven digits.
  if (x < 0.3) return 1
  let sum = 0
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * x * x)
    sum += k % 2 === 1 ? term : -term
    if (term < 1e-16) break
  }
  return Math.min(1, Math.max(0, 2 * sum))
}
