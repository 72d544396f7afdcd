/**
 * Limits how often something happens.
 *
 * @param burst how often at once
 * @param rate how often each second in the long run
 * @param now milliseconds
 * @returns whether it may happen now
 */
export function tokenBucket(burst: number, rate: number, now = () => performance.now()): () => boolean {
  let tokens = burst
  let last = now()
  return () => {
    const time = now()
    tokens = Math.min(burst, tokens + ((time - last) / 1000) * rate)
    last = time
    if (tokens < 1) return false
    tokens--
    return true
  }
}
