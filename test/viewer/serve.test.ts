import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import test from 'ava'
import { playRecording, readRecording } from '../../src/cli/view/play-recording.ts'
import { type ClientMessage, encodeMessage, RECORDING_MAGIC } from '../../viewer/protocol/index.ts'
import { createHub, record, type ServeOptions, serve } from '../../viewer/server/index.ts'
import { scratch } from '../scratch.ts'
import { episodeMessage, planMessage, runMessage, sceneMessage } from './messages.ts'
import { fakeClient, listen } from './sockets.ts'

const client = fakeClient()
const open = async (changes: Partial<ServeOptions> = {}) => {
  const hub = createHub()
  hub.publish(runMessage())
  hub.publish(sceneMessage())
  return { hub, viewer: await serve({ hub, client, port: 0, onRequest() {}, ...changes }) }
}

/** A request as written, without what `fetch` would mend. */
const get = (url: string, path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(url)
    request({ hostname, port, path, headers }, (response) => {
      let body = ''
      response.on('data', (piece) => (body += piece))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
      .on('error', reject)
      .end()
  })

test('a client gets the state, then what changes', async (t) => {
  const { hub, viewer } = await open()
  const listener = await listen(viewer.url)
  await listener.until(({ type }) => type === 'ready')
  t.deepEqual(
    listener.messages.map(({ type }) => type),
    ['hello', 'run', 'scene', 'ready'],
  )
  hub.publish(episodeMessage(5))
  t.deepEqual(await listener.until(({ type }) => type === 'episode'), episodeMessage(5))
  await viewer.close()
})

test('requests arrive', async (t) => {
  const asked: ClientMessage[] = []
  let wake = () => {}
  const arrived = new Promise<void>((resolve) => (wake = resolve))
  const { viewer } = await open({
    onRequest(message) {
      asked.push(message)
      wake()
    },
  })
  const listener = await listen(viewer.url)
  listener.send({ type: 'open', episode: 3, count: 12 })
  await arrived
  t.deepEqual(asked, [{ type: 'open', episode: 3, count: 12 }])
  await viewer.close()
})

test('frames and plans are sent of the episode that a client opened, and of no other', async (t) => {
  const { hub, viewer } = await open()
  for (const episode of [1, 2]) {
    hub.publish(episodeMessage(episode))
    hub.publish(planMessage(episode, 0))
  }
  const listener = await listen(viewer.url)
  const plans = () =>
    listener.messages.flatMap((message) =>
      message.type === 'plan' ? [[message.episode, message.replan]] : [],
    )
  const plan = (episode: number, replan: number) =>
    listener.until(
      (message) => message.type === 'plan' && message.episode === episode && message.replan === replan,
    )
  await listener.until(({ type }) => type === 'ready')
  t.deepEqual(plans(), [])
  listener.send({ type: 'open', episode: 1, count: 3 })
  await plan(1, 0)
  hub.publish(planMessage(2, 1))
  hub.publish(planMessage(1, 1))
  await plan(1, 1)
  listener.send({ type: 'open', episode: 2, count: 3 })
  await plan(2, 1)
  hub.publish(planMessage(1, 2))
  hub.publish(planMessage(2, 2))
  await plan(2, 2)
  t.deepEqual(plans(), [
    [1, 0],
    [1, 1],
    [2, 0],
    [2, 1],
    [2, 2],
  ])
  await viewer.close()
})

test('a malformed message closes its own socket with a reason, and no other', async (t) => {
  const { hub, viewer } = await open()
  const good = await listen(viewer.url)
  const hostile: [string | Uint8Array, number, RegExp][] = [
    [Uint8Array.of(0xc1, 0xff), 1008, /MessagePack/],
    [encodeMessage({ type: 'open', episode: 1, count: 0 } as ClientMessage), 1008, /count/],
    ['{"type":"open"}', 1003, /binary/],
    [new Uint8Array(100_000), 1009, /^/],
  ]
  for (const [message, code, reason] of hostile) {
    const bad = await listen(viewer.url)
    bad.socket.send(message)
    const closed = await bad.closed
    t.is(closed.code, code)
    t.regex(closed.reason, reason)
  }
  const loud = await listen(viewer.url)
  for (let i = 0; i < 200; i++) loud.send({ type: 'couple' })
  t.deepEqual(await loud.closed, { code: 1008, reason: 'too many messages' })
  hub.publish(episodeMessage(9))
  t.truthy(await good.until(({ type }) => type === 'episode'))
  await viewer.close()
})

test('a stalled client keeps nobody waiting, and catches up with the newest', async (t) => {
  const { hub, viewer } = await open()
  const stalled = await listen(viewer.url)
  const plan = planMessage(1, 0, { count: 100, points: 32, steps: 10 })
  const big = (latency: number) => ({ ...plan, latency })
  const other = await listen(viewer.url)
  hub.publish(big(0))
  for (const { send, until } of [stalled, other]) {
    send({ type: 'open', episode: 1, count: 100 })
    await until(({ type }) => type === 'plan')
  }
  stalled.socket.pause()
  // Far more than sockets buffer: each message is about half a megabyte.
  for (let i = 1; i <= 60; i++) {
    hub.publish(big(i))
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.truthy(await other.until((message) => message.type === 'plan' && message.latency === 60))
  stalled.socket.resume()
  t.truthy(await stalled.until((message) => message.type === 'plan' && message.latency === 60))
  const got = stalled.messages.filter(({ type }) => type === 'plan').length
  t.true(got < 40, `${got} of 60 messages came to a client that did not read`)
  await viewer.close()
})

test('pages of other sites and other names of this machine are turned away', async (t) => {
  const { viewer } = await open()
  const { host, port } = new URL(viewer.url)
  t.is((await get(viewer.url, '/')).status, 200)
  t.is((await get(viewer.url, '/', { Host: `evil.example:${port}` })).status, 403)
  await t.throwsAsync(listen(viewer.url, { Origin: 'http://evil.example' }), { message: /403/ })
  await t.throwsAsync(listen(viewer.url, { Origin: 'null' }), { message: /403/ })
  await t.notThrowsAsync(listen(viewer.url, { Origin: `http://${host}` }))
  await viewer.close()
})

test('only the files of the client are served', async (t) => {
  const { viewer } = await open()
  const served = await get(viewer.url, '/a.js?x=1')
  t.is(served.status, 200)
  t.regex(String(served.headers['content-security-policy']), /default-src 'self'/)
  for (const path of [
    '/../package.json',
    '/..%2f..%2fetc/passwd',
    '//etc/passwd',
    '/%00',
    '/a.js/..',
    '/constructor',
  ]) {
    t.is((await get(viewer.url, path)).status, 404, path)
  }
  await viewer.close()
})

test('an address that others reach needs its token', async (t) => {
  const { viewer } = await open({ host: '0.0.0.0' })
  const address = new URL(viewer.url)
  const local = `http://127.0.0.1:${address.port}`
  const token = address.searchParams.get('token') ?? ''
  t.regex(token, /^[0-9a-f]{32}$/)
  t.is((await get(local, '/')).status, 403)
  t.is((await get(local, `/?token=${'0'.repeat(32)}`)).status, 403)
  await t.throwsAsync(listen(local), { message: /403/ })
  const page = await get(local, `/?token=${token}`)
  t.is(page.status, 200)
  const cookie = String(page.headers['set-cookie']).split(';')[0]
  t.is((await get(local, '/a.css', { Cookie: cookie })).status, 200)
  await t.notThrowsAsync(listen(local, { Cookie: cookie }))
  await viewer.close()
})

test('the next free port is taken', async (t) => {
  const first = await open()
  const port = Number(new URL(first.viewer.url).port)
  const second = await open({ port })
  t.true(Number(new URL(second.viewer.url).port) > port)
  await Promise.all([first.viewer.close(), second.viewer.close()])
  await t.throwsAsync(open({ port: 70_000 }), { name: 'InputError', message: /no port 70000/ })
})

test('a client that was not built is named', async (t) => {
  await t.throwsAsync(open({ client: join(client, 'nowhere') }), {
    name: 'InputError',
    message: /npm run build/,
  })
})

test('a recorded session is played identically', async (t) => {
  const file = join(scratch(), 'session.recording')
  const hub = createHub()
  const stop = record(hub, file, (error) => t.fail(error.message))
  hub.publish(runMessage())
  hub.publish(episodeMessage(1))
  hub.publish(planMessage(1, 0))
  hub.publish(episodeMessage(2))
  hub.drop('/run/0/episode/1')
  await stop()
  const again = join(scratch(), 'again.recording')
  const second = createHub()
  const stopAgain = record(second, again, (error) => t.fail(error.message))
  await playRecording(second, await readRecording(file), 0)
  await stopAgain()
  t.deepEqual(second.snapshot(), hub.snapshot())
  t.is(readFileSync(again).length, readFileSync(file).length)
  await t.throwsAsync(readRecording(join(client, 'a.js')), {
    name: 'InputError',
    message: /no recording/,
  })
  const damaged = readFileSync(file)
  // The first byte of the first message; no MessagePack begins so.
  damaged[RECORDING_MAGIC.length + 12] = 0xc1
  writeFileSync(again, damaged)
  await t.throwsAsync(readRecording(again), {
    name: 'InputError',
    message: /again.recording cannot be played/,
  })
})

test('an exported page holds the client and what it shows', async (t) => {
  const { viewer } = await open()
  const { body, headers } = await get(viewer.url, '/export.html')
  t.regex(String(headers['content-disposition']), /attachment/)
  t.regex(body, /<style>body \{ color: red \}<\/style>/)
  t.regex(body, /<script id="recording" type="text\/plain">[A-Za-z0-9+/=]+<\/script>/)
  t.is(body.match(/<\/script>/g)?.length, 2)
  t.notRegex(body, /(href|src)="\.?\//)
  await viewer.close()
})
