/** Several codes in one picture -> the patient's. */
import { CODES } from './codes/index.ts'
import type { Code } from './platforms/platform.ts'

/** `one`: the text at `index`, `patient` where its format is one of patients' codes. `several`: codes of more than one patient. */
export type CodeChoice = { readonly kind: 'one'; readonly index: number; readonly patient: boolean } | { readonly kind: 'several' }

const OF_NOBODY: ReadonlySet<string> = new Set(CODES.filter(({ ofNobody }) => ofNobody).map(({ format }) => format))

/** Patients' formats go before all others, and payment codes before unknown ones, for which there is better advice. */
export function chooseCode(texts: readonly string[], recognise: (text: string) => Code): CodeChoice {
  const codes = texts.map((text, index) => {
    const { format, text: bare } = recognise(text)
    return { index, format, text: bare }
  })
  const patients = codes.filter(({ format }) => !OF_NOBODY.has(format))
  const [patient] = patients
  if (patient) {
    const isOne = patients.every((other) => ownerOf(other) === ownerOf(patient))
    return isOne ? { kind: 'one', index: patient.index, patient: true } : { kind: 'several' }
  }
  const { index = 0 } = codes.find(({ format }) => format !== 'unknown') ?? {}
  return { kind: 'one', index, patient: false }
}

/** A card's static and dynamic codes begin with the same id; of other formats, only the same text is surely the same patient's. */
function ownerOf({ format, text }: Code): string {
  return format.startsWith('health-card-') ? text.slice(0, text.indexOf(':')) : text
}
