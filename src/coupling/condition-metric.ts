import { z } from 'zod'
import type { Rows } from '../rows.ts'
import { principal } from './principal.ts'
import { standardised } from './statistics.ts'
import { whitened } from './whiten.ts'

/** Coordinates in which conditions are called near or far: [P, C] → [P, C′]. */
export const METRICS = { whitened, standardised, principal } as const satisfies Record<
  string,
  (rows: Rows) => Rows
>

/** Which of {@link METRICS} serves. */
export const metric = z
  .enum(Object.keys(METRICS) as (keyof typeof METRICS)[])
  .default('whitened')
  .describe(
    'coordinates of the conditions; principal: the longest directions of conditions of hundreds of numbers',
  )
