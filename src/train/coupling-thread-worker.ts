import type { Coupling, CouplingConfig, CouplingContext } from '../coupling/index.ts'
import type { RngState } from '../random/rng.ts'
import type { Rows } from '../rows.ts'

/** What a thread is asked to couple. */
export interface CouplingJob {
  readonly config: CouplingConfig
  readonly data: Rows
  readonly rng: RngState
  readonly context: CouplingContext
}

/** Its noise, or what is wrong; errors lose their class between threads, so they travel as plain data. */
export type CouplingAnswer =
  | { readonly noise: Rows }
  | { readonly error: { readonly name: string; readonly message: string } }

// Awaited at the top level so that the pool's first attempt, to require this file, fails and it is imported:
// required under a TypeScript loader, every module below would exist twice, once of each kind.
const { createCoupling } = await import('../coupling/index.ts')
const { Rng } = await import('../random/rng.ts')

/** The coupling of the thread, which is only ever asked for one. */
let coupling: Coupling | undefined

/** Entry point of the thread: couples one pool. */
export default async function couple({ config, data, rng, context }: CouplingJob): Promise<CouplingAnswer> {
  try {
    coupling ??= createCoupling(config)
    return { noise: await coupling.couple(data, Rng.restored(rng), context) }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    return { error: { name, message } }
  }
}
