import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'
import { PARTS } from '../../run/run-folder.ts'

/** What makes a folder a run, or one of latent diffusion that begins; and what is written while it is trained. */
const CONFIGS = ['config.json', join(PARTS, 'config.json')]
const METRICS = ['metrics.jsonl', join(PARTS, 'autoencoder', 'metrics.jsonl')]

/** The run in a folder of runs that was written to last. @throws InputError if there is none */
export async function newestRun(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => [])
  const runs = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const times = await Promise.all([...CONFIGS, ...METRICS].map((file) => writtenAt(join(path, file))))
      return { path, time: times.slice(0, CONFIGS.length).some((time) => time > 0) ? Math.max(...times) : 0 }
    }),
  )
  const newest = runs.filter(({ time }) => time > 0).sort((a, b) => b.time - a.time)[0]
  if (!newest) {
    throw new InputError(`There is no run in ${folder}; train one, or give the folder of one to view.`)
  }
  return newest.path
}

/** Milliseconds since 1970; 0 where there is no file. */
function writtenAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}
