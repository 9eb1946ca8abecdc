/** Dies of a defect that has a patient and a secret in its hands: what is printed of it is looked through. */
import { keepLastWordsShort } from '../../src/terminal/last-words.ts'
import { codeIn, outcomeIn, reportIn, scanIn, secretIn } from './printed.ts'

keepLastWordsShort()
const held = { scan: scanIn(), code: codeIn(), secret: secretIn(), outcome: outcomeIn(), report: await reportIn() }
process.nextTick(() => {
  throw Object.assign(new Error(`a defect near ${held.scan} ${held.secret}`, { cause: held }), held)
})
