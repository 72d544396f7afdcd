import test from 'ava'
import avoidingPath from '../../../envs/avoiding/whole-path.ts'
import { environmentContract } from '../../contracts/environment.ts'

environmentContract(test, avoidingPath)
