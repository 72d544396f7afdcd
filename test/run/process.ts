import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/**
 * Starts a process that runs a TypeScript module's source, and waits until it prints something.
 *
 * @param source may import from `./src/…`, as seen from the repository
 */
export async function startProcess(source: string): Promise<ChildProcessByStdio<null, Readable, null>> {
  const root = new URL('../../', import.meta.url)
  const code = source.replaceAll("'./src/", `'${new URL('src/', root).href}`)
  const child = spawn(
    process.execPath,
    [`--import=${new URL('typescript.js', root).href}`, '--input-type=module', '-e', code],
    {
      cwd: fileURLToPath(root),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  await new Promise<void>((started, failed) => {
    child.stdout.once('data', () => started())
    child.once('exit', (code) => failed(new Error(`The process ended with ${code} before it was ready.`)))
  })
  return child
}

/** Kills a process as a power cut would, and waits for its end. */
export function kill(child: ChildProcessByStdio<null, Readable, null>): Promise<unknown> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  return ended
}
