import test from 'ava'
import { load } from './image-unet-case.ts'
import { checkParity } from './parity.ts'
import { runners } from './runners.ts'

test('eagerly on the CPU, outputs, loss and gradients match the peer', async (t) => {
  t.timeout(300_000)
  const { network, parity } = await load('unet_a_classcond')
  await checkParity(t, runners[0], network, parity)
})
