import { SingleBar } from 'cli-progress'
import pc from 'picocolors'

/** How a command tells its user what happens. */
export interface Output {
  /** Whether there is somebody at a terminal to ask. */
  readonly interactive: boolean
  /** A sentence for people; nothing with `--json`. */
  say(text: string): void
  /** Something that is not as it should be, on stderr. */
  warn(text: string): void
  /** A record for machines: one line of JSON with `--json`, nothing otherwise. */
  record(value: object): void
  /** A bar on a terminal, now and then a line elsewhere, nothing with `--json`. */
  progress(label: string, total: number, start?: number): Progress
}

/** A piece of work under way. */
export interface Progress {
  /** @param detail such as the loss, shown behind the count */
  update(done: number, detail?: string): void
  stop(): void
}

/** Seconds between lines where there is no terminal to draw a bar on. */
const LINE_SECONDS = 10

/** @param json records only */
export function createOutput(json: boolean): Output {
  const out = process.stdout
  let active: SingleBar | undefined
  // A bar redraws its line; anything else must not be glued to it.
  const line = (stream: NodeJS.WriteStream, text: string) => {
    if (active) out.write('\r\x1b[K')
    stream.write(`${text}\n`)
  }
  return {
    interactive: !json && Boolean(out.isTTY && process.stdin.isTTY) && !process.env.CI,
    say: (text) => json || line(out, text),
    warn: (text) => line(process.stderr, pc.yellow(`warning: ${text}`)),
    record: (value) => json && out.write(`${JSON.stringify(value)}\n`),
    progress(label, total, start = 0) {
      if (json) return { update() {}, stop() {} }
      if (!out.isTTY) return plainProgress(label, total, start)
      const bar = new SingleBar({
        format: `${label} {bar} {value}/{total} {detail}  {rate}  left {left}`,
        hideCursor: true,
        barsize: 24,
      })
      active = bar
      const pace = createPace(total, start)
      bar.start(total, start, { detail: '', rate: '', left: '' })
      return {
        update: (done, detail = '') => bar.update(done, { detail, ...pace(done) }),
        stop() {
          bar.stop()
          active = undefined
        },
      }
    },
  }
}

function plainProgress(label: string, total: number, start: number): Progress {
  const pace = createPace(total, start)
  let last = performance.now()
  return {
    update(done, detail = '') {
      const now = performance.now()
      if (done !== total && now - last < LINE_SECONDS * 1000) return
      last = now
      const { rate, left } = pace(done)
      process.stdout.write(`${label} ${done}/${total} ${detail}  ${rate}  left ${left}\n`)
    },
    stop() {},
  }
}

/** Speed since the start and what it means for the rest. */
function createPace(total: number, start: number): (done: number) => { rate: string; left: string } {
  const began = performance.now()
  return (done) => {
    const seconds = (performance.now() - began) / 1000
    const rate = (done - start) / seconds
    if (!(rate > 0)) return { rate: '', left: '' }
    return { rate: `${rate.toFixed(rate < 10 ? 1 : 0)}/s`, left: duration((total - done) / rate) }
  }
}

/** `1 h 2 min`, `3 min 4 s` or `5 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
