import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'

/** The run in a folder of runs that was written to last. @throws InputError if there is none */
export async function newestRun(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => [])
  const runs = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const written = await Promise.all(
        ['metrics.jsonl', 'config.json'].map((file) =>
          stat(join(path, file)).then(
            ({ mtimeMs }) => mtimeMs,
            () => 0,
          ),
        ),
      )
      return { path, time: written[1] > 0 ? Math.max(...written) : 0 }
    }),
  )
  const newest = runs.filter(({ time }) => time > 0).sort((a, b) => b.time - a.time)[0]
  if (!newest) {
    throw new InputError(`There is no run in ${folder}; train one, or give the folder of one to view.`)
  }
  return newest.path
}
