import { createInterface } from 'node:readline/promises'
import type { Environment } from '../../env/environment.ts'
import type { Output } from '../output.ts'
import { view } from './view.ts'

/** Milliseconds to wait for an answer: whoever went away is not kept waiting for. */
const PATIENCE = 60_000

/** Offers to watch a run where there is somebody to ask, and tells how to where there is not. */
export async function offerView(
  folder: string,
  loadEnvironment: (name: string) => Promise<Environment>,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  if (output.interactive && (await agrees(signal))) {
    output.say('Ctrl-C ends the viewer')
    const request = { paths: [folder], episodes: 24, which: 'latest', open: true } as const
    await view({ ...request, loadEnvironment, output, signal })
    return
  }
  output.say(`watch it plan in the browser: npx immiscible view ${folder}`)
}

async function agrees(signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  // Ctrl-C and Ctrl-D close the question and would leave it unanswered for ever.
  const closed = new AbortController()
  lines.on('close', () => closed.abort())
  try {
    const question = 'Watch it plan in the browser? [Y/n] '
    const answer = await lines.question(question, {
      signal: AbortSignal.any([signal, closed.signal, AbortSignal.timeout(PATIENCE)]),
    })
    return /^(y|yes|)$/i.test(answer.trim())
  } catch {
    process.stdout.write('\n')
    return false
  } finally {
    lines.close()
  }
}
