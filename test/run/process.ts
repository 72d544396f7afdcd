import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

/**
 * Starts a process that runs a module's source, and waits until it prints something.
 *
 * @param source JavaScript that may import `./src/….js`, as seen from the folder of the tests' folder
 */
export async function startProcess(source: string): Promise<ChildProcessByStdio<null, Readable, null>> {
  const code = source.replaceAll("'./src/", `'${new URL('../../src/', import.meta.url).href}`)
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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
