import test from 'ava'
import { decodeServerMessage, type ServerMessage } from '../../viewer/protocol/index.ts'
import { createHub, type Hub } from '../../viewer/server/index.ts'
import { episodeMessage, framesMessage, planMessage, runMessage } from './messages.ts'

const state = (hub: Hub) => hub.snapshot().map((bytes) => decodeServerMessage(bytes))
const types = (hub: Hub) => state(hub).map(({ type }) => type)

test('a late joiner gets the newest message of each key and nothing else', (t) => {
  const hub = createHub()
  hub.publish(runMessage())
  hub.publish(episodeMessage(1, { reward: 0.25 }))
  hub.publish(episodeMessage(1, { reward: 0.5 }))
  const got: ServerMessage[] = []
  hub.subscribe({ offer: (_, bytes) => got.push(decodeServerMessage(bytes)) })
  t.deepEqual(got, [runMessage(), episodeMessage(1, { reward: 0.5 })])
})

test('dropping a key drops what is below it, for subscribers too', (t) => {
  const hub = createHub()
  const episode = episodeMessage(1)
  hub.publish(episode)
  hub.publish(framesMessage(episode))
  hub.publish(planMessage(1, 0))
  hub.publish(episodeMessage(10))
  const dropped: string[] = []
  hub.subscribe({
    offer(_, bytes) {
      const message = decodeServerMessage(bytes)
      if (message.type === 'drop') dropped.push(message.key)
    },
  })
  hub.drop('/run/0/episode/1')
  t.deepEqual(types(hub), ['episode'])
  t.deepEqual(dropped, ['/run/0/episode/1', '/run/0/episode/1/frames', '/run/0/episode/1/plan/0'])
})

test('however long it is published to, it keeps a bounded amount', (t) => {
  const hub = createHub({ details: 20_000, episodes: 30, images: 8 })
  let most = 0
  for (let i = 0; i < 2000; i++) {
    hub.publish(episodeMessage(i))
    hub.publish(framesMessage(episodeMessage(i)))
    hub.publish(planMessage(i, 0))
    hub.publish({ type: 'images', run: 0, step: i, png: new Uint8Array(100) })
    if (i > 100) most = Math.max(most, hub.bytes)
  }
  t.true(most < 40_000, `${most} bytes`)
  const images = state(hub).flatMap((message) => (message.type === 'images' ? [message.step] : []))
  t.true(images.length <= 8)
  t.is(images.at(-1), 1999)
  t.is(images[0], 0)
  const episodes = state(hub).flatMap((message) => (message.type === 'episode' ? [message.episode] : []))
  t.deepEqual(
    episodes,
    Array.from({ length: 30 }, (_, i) => 1970 + i),
  )
  t.is(
    hub.bytes,
    hub.snapshot().reduce((sum, { byteLength }) => sum + byteLength, 0),
  )
})
