import { FailureError } from '../errors.ts'
import type { Rows } from '../rows.ts'
import type { Sampler, Sampling } from './samplers/sampler.ts'

/** Runs a sampler to its end and returns the samples, [B, D]. @throws whatever the sampler throws */
export async function sample(sampler: Sampler, sampling: Sampling): Promise<Rows> {
  let result: Rows | undefined
  for await (const { x } of sampler(sampling)) result = x
  if (!result) throw new FailureError('The sampler ended without a step; a sampler must yield at least one.')
  return result
}
