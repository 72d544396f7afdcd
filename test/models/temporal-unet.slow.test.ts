import { eager } from './runners.ts'
import { testParity } from './temporal-unet-parity.ts'

testParity(eager)
