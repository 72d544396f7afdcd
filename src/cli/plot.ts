import type { Output } from './output.ts'
export async function writePlot(path: string, _done: unknown, output: Output): Promise<void> {
  output.say(path)
}
